import { writeFileSync } from 'node:fs';
import { FileRead } from '@limiquantix/agent-proto';
import { type Bench, type Case, type Contestant, ratioTo } from '../case.ts';
import { frameOf } from '../clients/frames.ts';
import { command } from '../clients/json-lines.ts';
import type { Peer } from '../clients/peer.ts';
import { AgentServer } from '../servers/agent.ts';
import { qemuGaTransfers } from '../servers/qemu-ga-transfer.ts';
import { Socat } from '../servers/socat.ts';
import { measureTransfer } from '../transfer.ts';
import { KIB, MIB } from '../units.ts';

const FILE_MIB = 32;
/** What qemu-ga reads in a round with each size of chunk: it is that much slower. */
const QEMU_GA_MIB = 3;
const WINDOW = 8;

export const read: Case = {
  name: 'read',
  about: `a file is read in chunks, ${WINDOW} of them unanswered at a time`,
  rounds: { quick: 9, full: 41 },
  warmUp: 8,
  rows: [
    {
      title: 'read, 64 KiB chunks',
      metric: 'rate',
      unit: 'MiB/s',
      better: 'higher',
      against: ratioTo('qemu-ga'),
      gate: 10,
      goal: 25,
    },
    {
      title: 'read, 64 KiB chunks',
      metric: 'rate',
      unit: 'MiB/s',
      better: 'higher',
      against: ratioTo('socat'),
      gate: 0.4,
      goal: 0.75,
    },
    {
      title: 'read, 256 KiB chunks',
      metric: 'rate',
      unit: 'MiB/s',
      better: 'higher',
      of: 'agent, 256 KiB',
      against: ratioTo('socat'),
      gate: 0.6,
      goal: 0.95,
    },
    {
      title: 'read, 64 KiB chunks, CPU',
      metric: 'cpu',
      unit: 'ms/MiB',
      better: 'lower',
      against: ratioTo('qemu-ga'),
      gate: 1 / 6,
      goal: 1 / 20,
    },
  ],
  async open(bench) {
    const file = bench.workspace.path('file');
    writeFileSync(file, Buffer.alloc(FILE_MIB * MIB, 'The quick brown fox. '));
    const agent = new AgentServer(bench.workspace);
    const peer = await agent.connect();
    return [
      ours('agent', { agent, peer, file, chunk: 64 * KIB }),
      ours('agent, 256 KiB', { agent, peer, file, chunk: 256 * KIB }),
      ...(await qemuGa(bench, file)),
      ...socat(bench, file),
    ];
  },
};

interface Ours {
  readonly agent: AgentServer;
  readonly peer: Peer;
  readonly file: string;
  readonly chunk: number;
}

function ours(name: string, { agent, peer, file, chunk }: Ours): Contestant {
  const requests = Array.from({ length: (FILE_MIB * MIB) / chunk }, (_, i) =>
    frameOf(FileRead, { path: file, offset: i * chunk, maxBytes: chunk }, i),
  );
  return {
    name,
    measure: () => measureTransfer(agent.pid, FILE_MIB, () => peer.exchange(requests, WINDOW)),
  };
}

function qemuGa(bench: Bench, path: string): Promise<Contestant[]> {
  return qemuGaTransfers(bench, {
    path,
    mode: 'r',
    mib: QEMU_GA_MIB,
    window: WINDOW,
    requestOf: (handle, count) => command('guest-file-read', { handle, count }),
  });
}

function socat(bench: Bench, file: string): Contestant[] {
  const server = Socat.find(bench);
  if (!server) return [];
  const measure = async () => {
    const ms = await server.send(file, FILE_MIB * MIB);
    return { rate: FILE_MIB / (ms / 1000) };
  };
  return [{ name: 'socat', measure }];
}
