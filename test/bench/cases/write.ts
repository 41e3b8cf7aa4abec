import { FileWrite } from '@limiquantix/agent-proto';
import { type Bench, type Case, type Contestant, ratioTo } from '../case.ts';
import { frameOf } from '../clients/frames.ts';
import { command } from '../clients/json-lines.ts';
import { AgentServer } from '../servers/agent.ts';
import { qemuGaTransfers } from '../servers/qemu-ga-transfer.ts';
import { measureTransfer } from '../transfer.ts';
import { KIB, MIB } from '../units.ts';

const CHUNK = 64 * KIB;
const FILE_MIB = 32;
const WINDOW = 8;
const QEMU_GA_MIB = 2;
const TEXT = 'The quick brown fox. ';

export const write: Case = {
  name: 'write',
  about: `a file is written in chunks, ${WINDOW} of them unanswered at a time`,
  rounds: { quick: 5, full: 31 },
  warmUp: 5,
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
  const data = Buffer.alloc(CHUNK, TEXT);
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

function qemuGa(bench: Bench): Promise<Contestant[]> {
  return qemuGaTransfers(bench, {
    path: bench.workspace.path('theirs'),
    mode: 'w',
    mib: QEMU_GA_MIB,
    window: WINDOW,
    requestOf: (handle, chunkBytes) => {
      const content = Buffer.alloc(chunkBytes, TEXT).toString('base64');
      return command('guest-file-write', { handle, 'buf-b64': content });
    },
  });
}
