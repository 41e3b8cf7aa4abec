import { setTimeout as pause } from 'node:timers/promises';
import { type Case, type Contestant, differenceTo } from '../case.ts';
import { cpuMs, memoryMib } from '../proc.ts';
import { AgentServer } from '../servers/agent.ts';
import { NodeBare } from '../servers/node-bare.ts';
import { QemuGa } from '../servers/qemu-ga.ts';

/** Two reports fall into it. */
const WINDOW_MS = 10_000;

export const idle: Case = {
  name: 'idle',
  about: 'nothing but telemetry every 5 s, to a connected host',
  rounds: { quick: 1, full: 6 },
  // The start is over after it.
  warmUp: 1,
  rows: [
    {
      title: 'idle, CPU of one core',
      metric: 'cpu',
      unit: '%',
      better: 'lower',
      gate: 0.2,
      goal: 0.06,
    },
    {
      title: 'idle, private memory (Pss_Anon)',
      metric: 'anon',
      unit: 'MiB',
      better: 'lower',
      against: differenceTo('node-bare'),
      gate: 5,
      goal: 2,
    },
    {
      title: 'idle, memory with its share of files (Pss)',
      metric: 'pss',
      unit: 'MiB',
      better: 'lower',
      against: differenceTo('qemu-ga'),
    },
    { title: 'reference: CPU when idle', metric: 'cpu', unit: '%', better: 'lower', gate: 0.5 },
    {
      title: 'reference: memory when idle (Rss)',
      metric: 'rss',
      unit: 'MiB',
      better: 'lower',
      gate: 20,
    },
  ],
  async open({ workspace, absent }) {
    const agent = new AgentServer(workspace);
    const bare = new NodeBare(workspace);
    const qemuGa = QemuGa.start({ workspace, absent });
    await Promise.all([agent.connect(), bare.up, qemuGa?.connect()]);
    const window = sharedPause();
    return [
      contestant('agent', agent.pid, window),
      contestant('node-bare', bare.pid, window),
      ...(qemuGa ? [contestant('qemu-ga', qemuGa.pid, window)] : []),
    ];
  },
};

/** All of them are idle at the same time: the first of a round waits, for the others too. */
function sharedPause(): (asked: number) => Promise<void> {
  let waited = 0;
  return async (asked) => {
    if (asked <= waited) return;
    waited = asked;
    await pause(WINDOW_MS);
  };
}

function contestant(
  name: string,
  pid: number,
  window: (asked: number) => Promise<void>,
): Contestant {
  let rounds = 0;
  let since = { ms: performance.now(), cpu: cpuMs(pid) };
  const measure = async () => {
    await window(++rounds);
    const now = { ms: performance.now(), cpu: cpuMs(pid) };
    const cpu = (100 * (now.cpu - since.cpu)) / (now.ms - since.ms);
    since = now;
    return {
      cpu,
      anon: memoryMib(pid, 'Pss_Anon'),
      pss: memoryMib(pid, 'Pss'),
      rss: memoryMib(pid, 'Rss'),
    };
  };
  return { name, measure };
}
