import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ListProcesses } from '@limiquantix/agent-proto';
import { type Bench, type Case, ratioTo } from '../case.ts';
import { frameOf } from '../clients/frames.ts';
import { measureLatency } from '../latency.ts';
import { childrenCpuMs, cpuMs } from '../proc.ts';
import { AgentServer } from '../servers/agent.ts';
import { findProgram } from '../servers/find-program.ts';
import type { Workspace } from '../workspace.ts';

const SLEEPERS = 500;
const COUNT = 10;
/** What the agent tells of a process, as far as ps knows it. */
const PS_COLUMNS = 'pid,ppid,comm,args,user,pcpu,rss,stat,lstart,nlwp';

export const processes: Case = {
  name: 'processes',
  about: `a list of at least ${SLEEPERS} processes, against running ps`,
  rounds: { quick: 3, full: 15 },
  warmUp: 1,
  rows: [
    {
      title: `list ${SLEEPERS} processes, CPU`,
      metric: 'cpu',
      unit: 'ms',
      better: 'lower',
      against: ratioTo('ps'),
      gate: 0.7,
      goal: 0.4,
    },
    { title: `list ${SLEEPERS} processes, p50`, metric: 'p50', unit: 'ms', better: 'lower' },
  ],
  async open(bench) {
    await startSleepers(bench.workspace);
    const agent = new AgentServer(bench.workspace);
    const peer = await agent.connect();
    const request = frameOf(ListProcesses, {}, 0);
    const ours = async () => {
      const cpu = cpuMs(agent.pid);
      const { p50 } = await measureLatency(COUNT, () => peer.ask(request));
      return { p50, cpu: (cpuMs(agent.pid) - cpu) / COUNT };
    };
    return [{ name: 'agent', measure: ours }, ...ps(bench)];
  },
};

function ps({ workspace, absent }: Bench) {
  const program = findProgram('ps');
  if (!program) {
    absent('ps', 'it is not installed: apt-get install procps');
    return [];
  }
  const run = () => once(workspace.spawn(program, ['-eo', PS_COLUMNS]), 'exit');
  const measure = async () => {
    const cpu = childrenCpuMs('self');
    const { p50 } = await measureLatency(COUNT, run);
    return { p50, cpu: (childrenCpuMs('self') - cpu) / COUNT };
  };
  return [{ name: 'ps', measure }];
}

async function startSleepers(workspace: Workspace): Promise<void> {
  const script = `i=0; while [ $i -lt ${SLEEPERS} ]; do sleep 3600 & i=$((i+1)); done; wait`;
  const { pid } = workspace.spawn('/bin/sh', ['-c', script]);
  const children = () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  while (children().trim().split(' ').length < SLEEPERS) await pause(20);
}
