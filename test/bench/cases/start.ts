import { AgentReady } from '@limiquantix/agent-proto';
import { type Case, type Contestant, ratioTo } from '../case.ts';
import { command } from '../clients/json-lines.ts';
import { cpuMs } from '../proc.ts';
import { AgentServer, INSTALLED } from '../servers/agent.ts';
import { NodeBare } from '../servers/node-bare.ts';
import { QemuGa } from '../servers/qemu-ga.ts';
import { Workspace } from '../workspace.ts';

/** As operators change it: the file as installed, with a few other values. */
const CHANGED = INSTALLED.replace('telemetry_interval_secs: 5 ', 'telemetry_interval_secs: 30 ')
  .replace('log_level: info ', 'log_level: warn ')
  .replace('plugins: {}', 'plugins:\n  clipboard:\n    enabled: false');

export const start: Case = {
  name: 'start',
  about: 'from the start of the process to AgentReady',
  rounds: { quick: 7, full: 31 },
  warmUp: 1,
  rows: [
    {
      title: 'start to AgentReady, CPU',
      metric: 'cpu',
      unit: 'ms',
      better: 'lower',
      against: ratioTo('node-bare'),
      gate: 2,
      goal: 1.3,
    },
    {
      title: 'start to AgentReady with a changed agent.yaml, CPU',
      metric: 'cpu',
      of: 'changed agent',
      unit: 'ms',
      better: 'lower',
      against: ratioTo('node-bare'),
      gate: 2,
      goal: 1.3,
    },
    {
      title: 'start to AgentReady',
      metric: 'wall',
      unit: 'ms',
      better: 'lower',
      against: ratioTo('qemu-ga'),
    },
  ],
  async open({ workspace, absent }) {
    const hasQemuGa = QemuGa.start({ workspace, absent }) !== undefined;
    return [
      contestant('agent', (place) => startAgent(place, INSTALLED)),
      contestant('changed agent', (place) => startAgent(place, CHANGED)),
      contestant('node-bare', startBare),
      ...(hasQemuGa ? [contestant('qemu-ga', startQemuGa)] : []),
    ];
  },
};

/** @param begin starts it @returns its process, once it is up */
function contestant(name: string, begin: (place: Workspace) => Promise<number>): Contestant {
  const measure = async () => {
    await using place = new Workspace();
    const started = performance.now();
    const pid = await begin(place);
    return { wall: performance.now() - started, cpu: cpuMs(pid) };
  };
  return { name, measure };
}

async function startAgent(place: Workspace, config: string): Promise<number> {
  const ready = Promise.withResolvers<void>();
  const agent = new AgentServer(place, { config });
  await agent.connect((field) => {
    if (field === AgentReady.field) ready.resolve();
  });
  await ready.promise;
  return agent.pid;
}

async function startBare(place: Workspace): Promise<number> {
  const bare = new NodeBare(place);
  await bare.up;
  return bare.pid;
}

async function startQemuGa(place: Workspace): Promise<number> {
  const server = QemuGa.start({ workspace: place, absent: () => undefined });
  const peer = await server?.connect();
  await peer?.ask(command('guest-ping'));
  return server?.pid ?? 0;
}
