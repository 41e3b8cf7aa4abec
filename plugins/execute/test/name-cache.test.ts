import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type NameCache, nameCache } from '../src/linux/name-cache.ts';
import { openDescriptors } from './running.ts';

const directory = mkdtempSync(join(tmpdir(), 'name-cache-'));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (name: string) => join(directory, name);
const cache = nameCache() as NameCache;

/** Older kernels do not answer without waiting. */
const isAnswered = cache.mode('/') !== undefined;

test.skipIf(!isAnswered)('knows type and rights of what was looked up before', () => {
  writeFileSync(at('tool'), '');
  chmodSync(at('tool'), 0o750);
  symlinkSync('tool', at('link'));
  statSync(at('link'));
  for (const path of [at('tool'), at('link'), directory, join(directory, '.'), '/dev/null']) {
    expect(cache.mode(path)).toBe(statSync(path).mode);
  }
  chmodSync(at('tool'), 0o640);
  expect(cache.mode(at('tool'))).toBe(0o100640);
});

test('does not say that a file is there which is not, nor hold it open', () => {
  const before = openDescriptors();
  for (const path of [at('none'), `${at('tool')}/.`, '', 'x'.repeat(5000)]) {
    expect(cache.mode(path)).toBeUndefined();
  }
  cache.mode(directory);
  expect(openDescriptors()).toBe(before);
});
