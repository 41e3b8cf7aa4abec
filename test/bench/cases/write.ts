import { FileWrite } from '@limiquantix/agent-proto';
import { type Bench, type Case, type Contestant, ratioTo } from '../case.ts';
import { frameOf } from '../clients/frames.ts';
import { command, returned } from '../clients/json-lines.ts';
import { AgentServer } from '../servers/agent.ts';
import { QemuGa } from '../servers/qemu-ga.ts';
import { measureTransfer } from '../transfer.ts';
import { KIB, MIB } from '../units.ts';

const CHUNK = 64 * KIB;
const FILE_MIB = 32;
const WINDOW = 8;
const QEMU_GA_MIB = 2;
/** The best of them is what counts. */
const QEMU_GA_CHUNKS = [64 * KIB, 256 * KIB, MIB];

export const write: Case = {
  name: 'write',
  about: `a file is written in chunks, ${WINDOW} of them unanswered at a time`,
  rounds: { quick: 5, full: 31 },
  rows: [
    {
      title: 'write, 64 KiB chunks',
      metric: 'rate',
      unit: 'MiB/s',
      better: 'higher',
      against: ratioTo('qemu-ga'),
      gate: 15,
      goal: 35,
    },
    {
      title: 'write, 64 KiB chunks, CPU',
      metric: 'cpu',
      unit: 'ms/MiB',
      better: 'lower',
      against: ratioTo('qemu-ga'),
    },
  ],
  async open(bench) {
    return [await ours(bench), ...(await qemuGa(bench))];
  },
};

async function ours({ workspace }: Bench): Promise<Contestant> {
  const agent = new AgentServer(workspace);
  const peer = await agent.connect();
  const path = workspace.path('ours');
  const data = Buffer.alloc(CHUNK, 'The quick brown fox. ');
  const requests = Array.from({ length: (FILE_MIB * MIB) / CHUNK }, (_, i) =>
    frameOf(FileWrite, { path, data, offset: i * CHUNK }, i),
  );
  const anew = frameOf(FileWrite, { path, truncate: true }, requests.length);
  return {
    name: 'agent',
    measure: () =>
      measureTransfer(agent.pid, FILE_MIB, async () => {
        await peer.ask(anew);
        await peer.exchange(requests, WINDOW);
      }),
  };
}

async function qemuGa(bench: Bench): Promise<Contestant[]> {
  const server = QemuGa.start(bench);
  if (!server) return [];
  const peer = await server.connect();
  const path = bench.workspace.path('theirs');
  const writeWith = async (chunk: number) => {
    const opened = await peer.ask(command('guest-file-open', { path, mode: 'w' }));
    const handle = returned(opened);
    const content = Buffer.alloc(chunk, 'The quick brown fox. ').toString('base64');
    const request = command('guest-file-write', { handle, 'buf-b64': content });
    const requests = new Array((QEMU_GA_MIB * MIB) / chunk).fill(request);
    const metrics = await measureTransfer(server.pid, QEMU_GA_MIB, () =>
      peer.exchange(requests, WINDOW),
    );
    await peer.ask(command('guest-file-close', { handle }));
    return metrics;
  };
  return QEMU_GA_CHUNKS.map((chunk) => ({
    name: `qemu-ga ${chunk / KIB} KiB`,
    measure: () => writeWith(chunk),
  }));
}
