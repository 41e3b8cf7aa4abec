import { setTimeout as pause } from 'node:timers/promises';
import { Telemetry } from '@limiquantix/agent-proto';
import type { Case } from '../case.ts';
import { cpuMs } from '../proc.ts';
import { AgentServer } from '../servers/agent.ts';

/** Often, so that a few seconds show what one costs; an agent's other work is nothing beside it. */
const INTERVAL_MS = 20;

export const telemetry: Case = {
  name: 'telemetry',
  about: `a report each ${INTERVAL_MS} ms, to a connected host`,
  rounds: { quick: 3, full: 11 },
  warmUp: 1,
  rows: [
    {
      title: 'telemetry report, CPU',
      metric: 'cpu',
      unit: 'ms',
      better: 'lower',
      gate: 1,
      goal: 0.3,
    },
    {
      title: 'reference: telemetry latency, from a connection to its first report',
      metric: 'first',
      unit: 'ms',
      better: 'lower',
      gate: 100,
    },
  ],
  async open({ workspace, quick }) {
    const config = `telemetry_interval_secs: ${INTERVAL_MS / 1000}\n`;
    const agent = new AgentServer(workspace, { config });
    // Its own interval would tell a newcomer soon enough; this one shall be told at once.
    const rare = new AgentServer(workspace, {
      name: 'rare',
      config: 'telemetry_interval_secs: 60\n',
    });
    await (await rare.connect()).close();
    let reports = 0;
    await agent.connect((field) => {
      if (field === Telemetry.field) reports++;
    });
    const measure = async () => {
      const before = { cpu: cpuMs(agent.pid), reports };
      await pause(quick ? 1000 : 2000);
      const cpu = (cpuMs(agent.pid) - before.cpu) / (reports - before.reports);
      return { cpu, first: await firstReportMs(rare) };
    };
    return [{ name: 'agent', measure }];
  },
};

async function firstReportMs(agent: AgentServer): Promise<number> {
  const begin = performance.now();
  const arrived = Promise.withResolvers<void>();
  const peer = await agent.connect((field) => {
    if (field === Telemetry.field) arrived.resolve();
  });
  await arrived.promise;
  const ms = performance.now() - begin;
  await peer.close();
  return ms;
}
