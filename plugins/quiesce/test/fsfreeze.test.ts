import { spawn } from 'node:child_process';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mounts, whyNoMounts, writing } from '../../../test/support/mounts.ts';
import { Freeze } from '../src/freeze.ts';
import { freeze, thaw } from '../src/linux/fsfreeze.ts';
import { readMounts } from '../src/linux/mounts.ts';
import { type Pinned, pin, unpin } from '../src/linux/pinned.ts';

const why = whyNoMounts();
let mounts: Mounts;
let pinned: Pinned[];
beforeEach(() => {
  mounts = new Mounts();
  pinned = [];
});
afterEach(async () => {
  pinned.forEach(unpin);
  await mounts.cleanUp();
});

async function pinnedAt(path: string): Promise<Pinned> {
  const mount = readMounts().findLast(({ mountPoint }) => mountPoint === path);
  const found = mount && (await pin({ deviceNumber: mount.deviceNumber, mounts: [mount] }));
  if (!found) throw new Error(`${path} is not mounted`);
  pinned.push(found);
  return found;
}

describe.skipIf(why)(`fsfreeze ${why}`, () => {
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  afterAll(() => child.kill());
  const options = { held: child.stdin, env: {} };

  it('tells what the kernel said', async () => {
    const data = await pinnedAt(mounts.make('ext4', 'data'));
    expect(await thaw(data)).toMatchObject({ outcome: 'absent' });
    expect(await freeze(data, options)).toEqual({ outcome: 'frozen', error: '' });
    expect(await freeze(data, options)).toEqual({
      outcome: 'busy',
      error: 'Device or resource busy',
    });
    expect(await thaw(data)).toEqual({ outcome: 'thawed', error: '' });
  });

  it('knows a filesystem that cannot be frozen', async () => {
    expect(await freeze(await pinnedAt('/proc'), options)).toEqual({
      outcome: 'unsupported',
      error: 'Operation not supported',
    });
  });

  it('says so where no process can be started, as when the guest is out of memory', async () => {
    const data = await pinnedAt(mounts.make('ext4', 'data'));
    // Node throws this one where it throws ENOMEM: from spawn itself.
    const failed = { outcome: 'failed', error: 'spawn EBADF' };
    const closed = { ...data, fd: 1_000_000 };
    expect(await freeze(closed, options)).toEqual(failed);
    expect(await thaw(closed)).toEqual(failed);
  });

  it('a freeze goes on without those, and says so', async () => {
    const path = mounts.make('ext4', 'data');
    const written = await mounts.writersOn(path);
    const filesystems = [
      await pinnedAt(mounts.mount('memory', '-t', 'ramfs', 'ramfs')),
      await pinnedAt(path),
    ];
    const one = await Freeze.begin({ filesystems, seconds: 5, env: {}, log: memoryLogger() });
    await one.freezeAll(new AbortController().signal);
    expect(one.rows.map(({ frozen, error }) => [frozen, error])).toEqual([
      [false, 'Operation not supported'],
      [true, ''],
    ]);
    expect(await writing(written)).toEqual([false]);
    await one.thaw();
    expect(one.thawed).toEqual([path]);
    expect(one.expired).toBe(false);
    expect(await writing(written)).toEqual([true]);
  });

  it('a freeze of nothing can be thawed, and ends by itself', async () => {
    for (const asked of [true, false]) {
      const one = await Freeze.begin({ filesystems: [], seconds: 1, env: {}, log: memoryLogger() });
      await one.freezeAll(new AbortController().signal);
      if (asked) await one.thaw();
      await one.over;
      expect(one.expired).toBe(!asked);
      expect(one.thawed).toEqual([]);
    }
  });
});
