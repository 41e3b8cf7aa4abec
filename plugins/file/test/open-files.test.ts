import { renameSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { OpenFiles } from '../src/open-files.ts';
import { scratch } from './plugin.ts';

const at = scratch();
const files = new OpenFiles();
afterEach(() => files.close());

async function first(path: string): Promise<string> {
  using file = await files.lease(path);
  const buffer = Buffer.alloc(1);
  await file.io.transfer(buffer, 0);
  return buffer.toString();
}

describe('files that are being read', () => {
  it('share a descriptor from the first chunks on, that come together', async () => {
    writeFileSync(at('file'), 'x');
    const leases = await Promise.all([1, 2, 3].map(() => files.lease(at('file'))));
    const [one] = leases;
    for (const lease of leases) {
      expect(lease.io).toBe(one?.io);
      lease[Symbol.dispose]();
    }
  });

  it('fail for each who asked', async () => {
    const asked = [1, 2].map(() => files.lease(at('nothing')));
    for (const one of await Promise.allSettled(asked)) {
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'ENOENT' } });
    }
    writeFileSync(at('nothing'), 'something');
    expect(await first(at('nothing'))).toBe('s');
  });

  it('are those that the path names when each chunk is asked for', async () => {
    writeFileSync(at('named'), 'old');
    const before = first(at('named'));
    await new Promise(setImmediate);
    writeFileSync(at('other'), 'new');
    renameSync(at('other'), at('named'));
    expect(await first(at('named'))).toBe('n');
    await before;
    expect(await first(at('named'))).toBe('n');
  });
});
