import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type NameCache, nameCache } from '../src/guest/name-cache.ts';

const directory = mkdtempSync(join(tmpdir(), 'name-cache-'));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (name: string) => join(directory, name);
const cache = nameCache() as NameCache;

/** Older kernels do not answer without waiting. */
const isAnswered = cache.stat('/') !== undefined;

test.skipIf(!isAnswered)('knows what stat says of paths that were looked up before', () => {
  writeFileSync(at('tool'), '');
  chmodSync(at('tool'), 0o750);
  symlinkSync('tool', at('link'));
  statSync(at('link'));
  for (const path of [at('tool'), at('link'), directory, join(directory, '.'), '/dev/null']) {
    const { dev, ino, size, blocks, mode, mtimeNs } = statSync(path, { bigint: true });
    expect(cache.stat(path)).toEqual({ dev, ino, size, blocks, mode, mtimeNs });
  }
  chmodSync(at('tool'), 0o640);
  expect(cache.stat(at('tool'))?.mode).toBe(0o100640n);
});

test('does not say that a file is there which is not, nor hold it open', () => {
  const before = openDescriptors();
  for (const path of [at('none'), `${at('tool')}/.`, '', 'x'.repeat(5000)]) {
    expect(cache.stat(path)).toBeUndefined();
  }
  cache.stat(directory);
  expect(openDescriptors()).toBe(before);
});

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
