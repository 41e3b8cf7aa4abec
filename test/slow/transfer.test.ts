import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Ping } from '@limiquantix/agent-proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgentProcess } from '../support/agent-process.ts';

const GIB = 1024 * 1024 * 1024;
let agent: AgentProcess;
let file: string;

beforeAll(async () => {
  agent = await AgentProcess.start();
  file = join(agent.dir, 'gib');
  spawnSync('dd', ['if=/dev/urandom', `of=${file}`, 'bs=1M', 'count=1024', 'status=none']);
}, 60_000);
afterAll(async () => {
  rmSync(file, { force: true });
  await agent.stop();
});

it('answers pings while 1 GiB is read on the same connection, in flat memory', async () => {
  const client = await agent.client();
  let done = false;
  let bytes = 0;
  let peak = 0;
  const begin = performance.now();
  const reading = (async () => {
    for await (const chunk of client.download(file)) bytes += chunk.length;
    done = true;
  })();
  const latencies: number[] = [];
  while (!done) {
    const sent = performance.now();
    await client.call(Ping, {});
    latencies.push(performance.now() - sent);
    peak = Math.max(peak, agent.memory());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await reading;
  const seconds = (performance.now() - begin) / 1000;
  latencies.sort((a, b) => a - b);
  const median = latencies[latencies.length >> 1] ?? Number.POSITIVE_INFINITY;
  const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? Number.POSITIVE_INFINITY;
  console.log(
    `1 GiB in ${seconds.toFixed(1)} s (${(1024 / seconds).toFixed(0)} MiB/s), ping median ${median.toFixed(2)} ms, ` +
      `p99 ${p99.toFixed(2)} ms of ${latencies.length}, peak ${peak.toFixed(0)} MiB`,
  );
  expect(bytes).toBe(GIB);
  expect(latencies.length).toBeGreaterThan(20);
  expect(median).toBeLessThan(10);
  expect(peak).toBeLessThan(120);
});

it('writes 256 MiB, in flat memory', async () => {
  const client = await agent.client();
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  let peak = 0;
  const source = function* () {
    for (let i = 0; i < 256; i++) {
      peak = Math.max(peak, agent.memory());
      yield chunk;
    }
  };
  const { bytesWritten } = await client.upload(join(agent.dir, 'copy'), source());
  expect(bytesWritten).toBe(256 * 1024 * 1024);
  expect(peak).toBeLessThan(120);
});
