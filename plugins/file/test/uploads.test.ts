import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { FileWrite } from '@limiquantix/plugin-sdk';
import { expect, it } from 'vitest';
import { code, filePlugin, scratch } from './plugin.ts';

const host = filePlugin();
const at = scratch();

const CHUNK = 64 * 1024;

/** Descriptors of this process that lead to a path. */
function open(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  }).length;
}

function chunksOf(bytes: Uint8Array): { readonly offset: number; readonly data: Uint8Array }[] {
  const count = Math.ceil(bytes.length / CHUNK);
  return Array.from({ length: count }, (_, n) => ({
    offset: n * CHUNK,
    data: bytes.subarray(n * CHUNK, (n + 1) * CHUNK),
  }));
}

it('chunks at the same time make the file, which is closed with the last answer', async () => {
  const bytes = randomBytes(40 * CHUNK + 77);
  for (const name of ['all', 'again']) {
    const path = at(name);
    const writes = chunksOf(bytes).map((chunk) => host.call(FileWrite, { path, ...chunk }));
    for (const { bytesWritten } of await Promise.all(writes))
      expect(bytesWritten).toBeGreaterThan(0);
    expect(open(path)).toBe(0);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o644);
  }
});

it('a program that was uploaded in chunks can be run at once', async () => {
  const path = at('program');
  const chunks = chunksOf(readFileSync('/bin/sleep'));
  for (let round = 0; round < 20; round++) {
    const writes = chunks.map((chunk) => host.call(FileWrite, { path, mode: 0o755, ...chunk }));
    await Promise.all(writes);
    expect(spawnSync(path, ['0']).status).toBe(0);
  }
});

it('a chunk that is sent after the file was replaced goes into the new one', async () => {
  const path = at('replaced');
  writeFileSync(path, 'old');
  // None where the last one writes: which of two at the same time wins, is nobody's promise either.
  const before = [1, 2, 2].map((offset) =>
    host.call(FileWrite, { path, offset, data: Buffer.from('x') }),
  );
  writeFileSync(at('other'), 'new');
  renameSync(path, at('kept'));
  renameSync(at('other'), path);
  const after = host.call(FileWrite, { path, offset: 3, data: Buffer.from('!') });
  await Promise.all([...before, after]);
  // Where the three others went, is nobody's promise.
  expect(readFileSync(path, 'utf8')).toMatch(/^...!$/);
  expect(open(path) + open(at('kept'))).toBe(0);
});

it('each chunk fails for itself', async () => {
  const path = at('limits');
  const far = 2 ** 53 - 100;
  const [good, bad] = await Promise.allSettled([
    host.call(FileWrite, { path, offset: 5, data: Buffer.from('x') }),
    code(host.call(FileWrite, { path, offset: far, data: Buffer.from('x') })),
  ]);
  expect(good).toMatchObject({ status: 'fulfilled', value: { bytesWritten: 1 } });
  expect(bad).toEqual({ status: 'fulfilled', value: 4012 });
  const missing = [0, 1, 2].map((offset) =>
    code(host.call(FileWrite, { path: at('none', 'x'), offset, data: Buffer.from('x') })),
  );
  expect(await Promise.all(missing)).toEqual([4004, 4004, 4004]);
  expect(open(path)).toBe(0);
});
