import { connect } from 'node:net';
import { Ping, Telemetry } from '@limiquantix/agent-proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgentProcess } from '../support/agent-process.ts';
import { frameOf } from '../support/raw-host.ts';

const SECONDS = 60;
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

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
  // The heap takes its size, and what may wait for the silent host gathers.
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const begin = seen;
  const memory: number[] = [];
  for (let second = 0; second < SECONDS; second++) {
    // It goes on asking, too, and never takes an answer.
    for (let i = 0; i < 50; i++) silent.write(frameOf(Ping, {}, `s-${second}-${i}`));
    await client.call(Ping, {}, { timeoutMs: 1000 });
    memory.push(agent.memory());
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  const early = median(memory.slice(0, 15));
  const late = median(memory.slice(-15));
  console.log(
    `memory ${early.toFixed(1)} MiB at first, ${late.toFixed(1)} MiB at last, ` +
      `${Math.max(...memory).toFixed(1)} MiB at most; ${(seen - begin) / SECONDS} reports/s to the other host`,
  );
  // What gathers for the silent host is 4 MiB; the rest is the allocator's.
  expect(late - early).toBeLessThan(16);
  expect(Math.max(...memory)).toBeLessThan(120);
  expect((seen - begin) / SECONDS).toBeGreaterThan(50);
  silent.destroy();
  await client.close();
  await counting;
});
