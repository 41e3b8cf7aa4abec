import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { Processors } from './processors.ts';
import { findProgram } from './servers/find-program.ts';

const allowed = (pid: number) =>
  /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

const title = 'keeps client and server on one processor, and then puts both back (needs taskset)';
it.skipIf(!findProgram('taskset'))(title, async () => {
  const server = spawn('sleep', ['60']);
  onTestFinished(() => void server.kill());
  const pids = [process.pid, server.pid as number];
  const before = pids.map(allowed);
  const processors = new Processors({ remark: (text) => expect.unreachable(text) });
  const onOne = <T>(action: () => Promise<T>) => processors.onOne(server.pid as number, action);
  const [client, other] = await onOne(async () => pids.map(allowed));
  expect(client).toMatch(/^\d+$/);
  expect(other).toBe(client);
  expect(pids.map(allowed)).toEqual(before);
  await expect(onOne(() => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  expect(pids.map(allowed)).toEqual(before);
});
