import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentClient } from '@limiquantix/agent-client';
import {
  Execute,
  FileDelete,
  FileRead,
  FileStat,
  FileWrite,
  ListDirectory,
} from '@limiquantix/agent-proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgentProcess } from '../support/agent-process.ts';

let agent: AgentProcess;
let client: AgentClient;

beforeAll(async () => {
  // Telemetry keeps files of network interfaces open, and those come and go.
  agent = await AgentProcess.start({ config: 'plugins: {telemetry: {enabled: false}}\n' });
  client = await agent.client();
});
afterAll(() => agent.stop());

/** Runs `count` operations, `lanes` of them at a time. */
async function repeat(count: number, lanes: number, operation: (i: number) => Promise<unknown>) {
  let next = 0;
  const lane = async () => {
    while (next < count) await operation(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

const held = () => ({ descriptors: agent.descriptors(), children: agent.children() });

/** What was begun has ended by then. */
async function settled() {
  await new Promise((resolve) => setTimeout(resolve, 3000));
  return held();
}

it('10,000 commands leave no descriptor and no process behind', async () => {
  await client.call(Execute, { command: '/bin/true', args: ['x'] });
  const before = await settled();
  await repeat(10_000, 8, async (i) => {
    const request = i % 10 === 0 ? { command: 'echo x' } : { command: '/bin/true', args: ['x'] };
    expect((await client.call(Execute, request)).exitCode).toBe(0);
  });
  await expect.poll(held).toEqual(before);
});

it('10,000 file operations leave no descriptor behind', async () => {
  const path = (i: number) => join(agent.dir, `file-${i % 50}`);
  await client.call(FileWrite, { path: path(0), data: Buffer.from('x') });
  await client.call(FileRead, { path: path(0) });
  const before = await settled();
  await repeat(2000, 12, async (i) => {
    const own = join(agent.dir, `own-${i}`);
    await client.call(FileWrite, { path: own, data: Buffer.from('content') });
    await client.call(FileRead, { path: own });
    await client.call(FileStat, { path: own });
    await client.call(ListDirectory, { path: agent.dir, maxEntries: 10 });
    await client.call(FileDelete, { path: own });
    await client.call(FileRead, { path: '/no/such/file' }).catch(() => undefined);
  });
  expect(readdirSync(agent.dir).filter((name) => name.startsWith('own-'))).toEqual([]);
  await expect.poll(held).toEqual(before);
});
