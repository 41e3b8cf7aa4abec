import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { UsedBytes } from '../src/linux/hardware/used-bytes.ts';
import { BLOCKS } from './machine.ts';

test('is what df calls used', async () => {
  const df = execFileSync('df', ['-B1', '--output=used', '/'], { encoding: 'utf8' });
  const said = Number(df.split('\n')[1]);
  const used = await new UsedBytes().of('/');
  expect(Math.abs((used ?? 0) - said)).toBeLessThan(256 * 1024 * 1024);
});

test('what does not answer is left out, is not asked again, and comes back', async () => {
  const held: (() => void)[] = [];
  const asked: string[] = [];
  let dead = true;
  const used = new UsedBytes({
    deadlineMs: 20,
    statfs: (path) => {
      asked.push(path);
      if (path !== '/dead' || !dead) return Promise.resolve(BLOCKS);
      return new Promise((resolve) => held.push(() => resolve(BLOCKS)));
    },
  });
  const full = (BLOCKS.blocks - BLOCKS.bfree) * BLOCKS.bsize;
  expect(await used.of('/dead')).toBeUndefined();
  expect(await used.of('/dead')).toBeUndefined();
  expect(asked).toEqual(['/dead']);
  expect(await used.of('/')).toBe(full);
  dead = false;
  for (const answer of held) answer();
  await new Promise(setImmediate);
  expect(await used.of('/dead')).toBe(full);
});

test('filesystems that hang leave threads to everybody else', async () => {
  const asked: string[] = [];
  const used = new UsedBytes({
    deadlineMs: 10,
    statfs: (path) => {
      asked.push(path);
      return new Promise(() => {});
    },
  });
  for (const path of ['/a', '/b', '/c', '/d']) expect(await used.of(path)).toBeUndefined();
  expect(asked).toEqual(['/a', '/b']);
});

test('what cannot be asked is unknown', async () => {
  expect(await new UsedBytes().of('/no/such/place')).toBeUndefined();
});
