import { Execute } from '@limiquantix/agent-proto';
import { type Bench, type Case, type Contestant, ratioTo } from '../case.ts';
import { frameOf } from '../clients/frames.ts';
import { command, returned } from '../clients/json-lines.ts';
import { measureLatency } from '../latency.ts';
import { memoryMib } from '../proc.ts';
import { AgentServer } from '../servers/agent.ts';
import { holdMemory } from '../servers/hold-memory.ts';
import { QemuGa } from '../servers/qemu-ga.ts';

const COUNT = 40;
const HELD_MIB = 256;
const PROGRAM = '/bin/true';

export const execute: Case = {
  name: 'execute',
  about: `${PROGRAM} with its output caught; qemu-ga is asked for its end again and again`,
  rounds: { quick: 5, full: 31 },
  warmUp: 5,
  rows: [
    {
      title: 'execute, p50',
      metric: 'p50',
      unit: 'ms',
      better: 'lower',
      against: ratioTo('qemu-ga'),
      gate: 1.3,
      goal: 0.5,
    },
    {
      title: `execute with ${HELD_MIB} MiB in use, p50`,
      metric: 'p50',
      of: 'large agent',
      unit: 'ms',
      better: 'lower',
      against: ratioTo('qemu-ga'),
      gate: 2,
      goal: 1,
    },
    {
      title: 'reference: command overhead, p50',
      metric: 'p50',
      unit: 'ms',
      better: 'lower',
      gate: 50,
    },
  ],
  async open(bench) {
    const { workspace } = bench;
    const small = new AgentServer(workspace);
    const config = holdMemory(workspace, HELD_MIB);
    const large = new AgentServer(workspace, { name: 'large', config });
    return [
      await ours('agent', small),
      await ours('large agent', large, HELD_MIB),
      ...(await qemuGa(bench)),
    ];
  },
};

async function ours(name: string, agent: AgentServer, leastMib = 0): Promise<Contestant> {
  const peer = await agent.connect();
  let number = 0;
  // Arguments say that no shell is wanted.
  const run = () => peer.ask(frameOf(Execute, { command: PROGRAM, args: ['-'] }, number++));
  await run();
  const anonymous = memoryMib(agent.pid, 'Pss_Anon');
  if (anonymous < leastMib) throw new Error(`the agent holds only ${anonymous} MiB`);
  return { name, measure: () => measureLatency(COUNT, run) };
}

async function qemuGa(bench: Bench): Promise<Contestant[]> {
  const server = QemuGa.start(bench);
  if (!server) return [];
  const peer = await server.connect();
  const start = command('guest-exec', { path: PROGRAM, arg: ['-'], 'capture-output': true });
  const run = async () => {
    const status = command('guest-exec-status', returned(await peer.ask(start)) as { pid: number });
    while (!(returned(await peer.ask(status)) as { exited: boolean }).exited) {
      // Asked again at once: the least that its protocol allows.
    }
  };
  return [{ name: 'qemu-ga', measure: () => measureLatency(COUNT, run) }];
}
