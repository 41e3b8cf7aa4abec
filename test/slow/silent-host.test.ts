import { connect } from 'node:net';
import { Ping, Telemetry } from '@limiquantix/agent-proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgentProcess } from '../support/agent-process.ts';
import { frameOf } from '../support/raw-host.ts';

const SECONDS = 60;
let agent: AgentProcess;

beforeAll(async () => {
  agent = await AgentProcess.start({ config: 'telemetry_interval_secs: 0.01\n' });
});
afterAll(() => agent.stop());

it(`is not stopped by a host that never reads, for ${SECONDS} s at 100 reports a second`, async () => {
  const silent = connect(agent.socket);
  await new Promise((resolve) => silent.once('connect', resolve));
  silent.pause();
  const client = await agent.client();
  const reports = client.events(Telemetry);
  let seen = 0;
  const counting = (async () => {
    for await (const _ of reports) seen++;
  })();
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const base = agent.memory();
  const begin = seen;
  let peak = base;
  for (let second = 0; second < SECONDS; second++) {
    // It goes on asking, too, and never takes an answer.
    for (let i = 0; i < 50; i++) silent.write(frameOf(Ping, {}, `s-${second}-${i}`));
    await client.call(Ping, {}, { timeoutMs: 1000 });
    peak = Math.max(peak, agent.memory());
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  console.log(
    `memory ${base.toFixed(1)} MiB, at most ${peak.toFixed(1)} MiB; ${(seen - begin) / SECONDS} reports/s to the other host`,
  );
  expect(peak - base).toBeLessThan(10);
  expect((seen - begin) / SECONDS).toBeGreaterThan(50);
  silent.destroy();
  await client.close();
  await counting;
});
