import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Processors } from './processors.ts';

const allowed = (pid: number) =>
  /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

it('keeps client and server on one processor, and then puts both back', async () => {
  const remarks: string[] = [];
  const processors = new Processors({ remark: (text) => remarks.push(text) });
  // Without taskset all of this holds on no processor but the only one, which is said.
  if (remarks.length > 0) return expect(remarks[0]).toContain('taskset');
  const [server, before] = [process.ppid, allowed(process.pid)];
  const within = await processors.onOne(server, async () => [process.pid, server].map(allowed));
  expect(within[0]).toMatch(/^\d+$/);
  expect(within[1]).toBe(within[0]);
  expect([process.pid, server].map(allowed)).toEqual([before, before]);
  await expect(processors.onOne(server, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
  expect(allowed(process.pid)).toBe(before);
});
