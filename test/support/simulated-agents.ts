// Thousands of guest agents on unix sockets, for measuring what serves them. Each greets, reports
// telemetry, and answers ping and execute with a prepared message; any other request gets the
// ErrorEvent of an agent without that feature. Nothing of the real agent is behind them, and frames
// are cut and joined by hand: a simulated agent costs a tenth of the client that it is there for.
//
//   node test/support/simulated-agents.ts --dir DIR --count N [options]
//     --dir DIR                holds a socket vm-00000.agent.sock for each agent; must exist
//     --count N                at most 9000 in one process, whose descriptors are limited
//     --first I                the number of the first one (0)
//     --telemetry-seconds S    between an agent's reports; 0: none (5)
//     --telemetry-bytes B      about the size of a report (1024)
//   Prints `ready N` when all of them listen; ends with SIGTERM or SIGINT.
//
// From a program: `startSimulatedAgents({ directory, count })` starts as many such processes as
// are needed, and resolves when all agents listen.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  AgentReady,
  type DiskUsage,
  ErrorReport,
  Execute,
  type ExecuteResponse,
  type Init,
  Ping,
  Telemetry,
  type TelemetryReport,
} from '@limiquantix/agent-proto';
import { type Codec, eventCodec, responseCodec, seal } from '@limiquantix/agent-proto/codec';

export interface SimulatedAgentsOptions {
  /** Must exist. */
  readonly directory: string;
  readonly count: number;
  /** @default 5; 0: no reports */
  readonly telemetrySeconds?: number;
  /** @default 1024 */
  readonly telemetryBytes?: number;
}

/** Two descriptors each, of the 20,000 that a process commonly may have. */
const MOST_IN_A_PROCESS = 9000;
/** Reports are spread over their interval in steps of this. */
const TICK_MS = 20;

/** The id of the VM whose agent has this number. */
export function simulatedVmId(index: number): string {
  return `vm-${String(index).padStart(5, '0')}`;
}

/** @returns stops them all */
export async function startSimulatedAgents({
  directory,
  count,
  telemetrySeconds = 5,
  telemetryBytes = 1024,
}: SimulatedAgentsOptions): Promise<{ stop(): Promise<void> }> {
  const processes: ChildProcess[] = [];
  for (let first = 0; first < count; first += MOST_IN_A_PROCESS) {
    const args = {
      dir: directory,
      count: Math.min(MOST_IN_A_PROCESS, count - first),
      first,
      'telemetry-seconds': telemetrySeconds,
      'telemetry-bytes': telemetryBytes,
    };
    const options = Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = spawn(process.execPath, [import.meta.filename, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    processes.push(child);
  }
  const stop = async () => {
    for (const child of processes) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
  };
  try {
    await Promise.all(processes.map(ready));
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

async function ready(child: ChildProcess): Promise<void> {
  for await (const text of child.stdout ?? []) if (String(text).includes('ready')) return;
  throw new Error('the simulated agents did not start');
}

/** A message but for its id: what stands behind it in the frame. */
function prepared<T>(field: number, codec: Codec<T>, message: Init<T>): Buffer {
  const frame = seal('plain', { id: 'x', field, timestamp: Date.now() }, codec, message);
  return Buffer.concat(frame.parts).subarray(FRAME_HEAD + 1);
}

/** Length, tag of the id, length of the id. */
const FRAME_HEAD = 6;

function frameOf(id: Uint8Array, rest: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEAD + id.length + rest.length);
  frame.writeUInt32BE(frame.length - 4);
  frame[4] = 0x0a;
  frame[5] = id.length;
  frame.set(id, FRAME_HEAD);
  frame.set(rest, FRAME_HEAD + id.length);
  return frame;
}

const PONG = prepared(Ping.response, responseCodec(Ping), { version: '1.2.3', uptimeSeconds: 60 });
const EXECUTED = prepared(Execute.response, responseCodec(Execute), {
  stdout: 'Linux\n',
  durationMs: 1,
} satisfies Init<ExecuteResponse>);
const UNKNOWN = prepared(ErrorReport.field, eventCodec(ErrorReport), {
  code: 'QXGA-2002',
  message: 'a simulated agent has no such feature',
});
const ANSWERS: ReadonlyMap<number, Buffer> = new Map([
  [Ping.request, PONG],
  [Execute.request, EXECUTED],
]);

/** The answer to one request, as the client of this project writes it: id, time, payload. */
function answer(message: Buffer): Buffer {
  const idEnd = 2 + (message[1] as number);
  const at = idEnd + 2 + (message[idEnd + 1] as number);
  const low = message[at] as number;
  const tag = low < 0x80 ? low : (low & 0x7f) | ((message[at + 1] as number) << 7);
  return frameOf(message.subarray(2, idEnd), ANSWERS.get(tag >>> 3) ?? UNKNOWN);
}

function serve(socket: Socket): void {
  let left: Buffer = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    let bytes = left.length > 0 ? Buffer.concat([left, chunk]) : chunk;
    const answers: Buffer[] = [];
    while (bytes.length >= 4) {
      const end = 4 + bytes.readUInt32BE();
      if (bytes.length < end) break;
      answers.push(answer(bytes.subarray(4, end)));
      bytes = bytes.subarray(end);
    }
    left = bytes;
    if (answers.length > 0) {
      socket.write(answers.length === 1 ? (answers[0] as Buffer) : Buffer.concat(answers));
    }
  });
}

/** A report of about so many bytes, of a guest with as many disks as that takes. */
function telemetry(bytes: number): Buffer {
  const report: Init<TelemetryReport> = {
    cpuUsagePercent: 12.5,
    memoryTotalBytes: 8 * 2 ** 30,
    memoryUsedBytes: 3 * 2 ** 30,
    memoryAvailableBytes: 5 * 2 ** 30,
    loadAvg1: 0.5,
    processCount: 128,
    uptimeSeconds: 86_400,
    hostname: 'guest',
    cpuCorePercent: [10, 15, 12, 13],
    ipAddresses: ['192.0.2.17', '2001:db8::17'],
  };
  const disks: Init<DiskUsage>[] = [];
  for (;;) {
    const message = prepared(Telemetry.field, eventCodec(Telemetry), { ...report, disks });
    if (message.length >= bytes) return message;
    disks.push({
      mountPoint: `/srv/data/${disks.length}`,
      filesystem: 'ext4',
      device: `/dev/vd${disks.length}`,
      totalBytes: 100 * 2 ** 30,
      usedBytes: 42 * 2 ** 30,
      availableBytes: 58 * 2 ** 30,
      usagePercent: 42,
    });
  }
}

/** One timer for all: a round of them in each interval. */
function reportFrom(agents: ReadonlySet<Socket>[], seconds: number, bytes: number): void {
  const frame = frameOf(Buffer.from('telemetry'), telemetry(bytes));
  let done = 0;
  const started = performance.now();
  setInterval(() => {
    const due = ((performance.now() - started) / (seconds * 1000)) * agents.length;
    // Whoever was kept from running for long does not catch up all at once.
    done = Math.max(done, Math.floor(due) - agents.length);
    for (; done < due; done++) {
      for (const socket of agents[done % agents.length] ?? []) socket.write(frame);
    }
  }, TICK_MS);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string' },
      count: { type: 'string' },
      first: { type: 'string', default: '0' },
      'telemetry-seconds': { type: 'string', default: '5' },
      'telemetry-bytes': { type: 'string', default: '1024' },
    },
  });
  if (!values.dir || !values.count) throw new Error('give --dir and --count');
  const first = Number(values.first);
  const hello = { version: '1.2.3', hostname: 'guest', os: 'linux', architecture: 'x86_64' };
  const greeting = frameOf(
    Buffer.from('ready'),
    prepared(AgentReady.field, eventCodec(AgentReady), hello),
  );
  const agents: Set<Socket>[] = [];
  for (let index = first; index < first + Number(values.count); index++) {
    const sockets = new Set<Socket>();
    agents.push(sockets);
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      serve(socket);
      socket.write(greeting);
    });
    await once(server.listen(join(values.dir, `${simulatedVmId(index)}.agent.sock`)), 'listening');
  }
  const seconds = Number(values['telemetry-seconds']);
  if (seconds > 0) reportFrom(agents, seconds, Number(values['telemetry-bytes']));
  process.once('SIGTERM', () => process.exit(0));
  process.once('SIGINT', () => process.exit(0));
  console.log(`ready ${agents.length}`);
}

if (import.meta.main) await main();
