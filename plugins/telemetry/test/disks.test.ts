import { statfs } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DiskReader, type StatFs, usageOf } from '../src/linux/disks.ts';

const BLOCKS = { bsize: 4096, blocks: 1000, bfree: 600, bavail: 550 };

/** A mount table of disks at these places. */
function table(...mountPoints: readonly string[]) {
  const rows = mountPoints.map(
    (path, n) => `${n + 1} ${Math.min(n, 1)} 8:${n} / ${path} rw - ext4 /dev/sd${n} rw
`,
  );
  return { text: rows.join(''), read: () => Buffer.from(rows.join('')), close() {} };
}

const answer: StatFs = (_path, callback) => setImmediate(callback, null, BLOCKS);

test('counts as df does: what is reserved for root is neither used nor available', () => {
  expect(usageOf(BLOCKS)).toEqual({
    totalBytes: 1000 * 4096,
    usedBytes: 400 * 4096,
    availableBytes: 550 * 4096,
    usagePercent: (400 / 950) * 100,
  });
});

test('a filesystem without blocks has no usage', () => {
  expect(usageOf({ bsize: 4096, blocks: 0, bfree: 0, bavail: 0 })).toBeUndefined();
});

test('any sizes give a percentage from 0 to 100', () => {
  const count = fc.maxSafeNat();
  fc.assert(
    fc.property(count, count, count, (blocks, bfree, bavail) => {
      const percent = usageOf({ bsize: 4096, blocks, bfree, bavail })?.usagePercent ?? 0;
      expect(percent >= 0 && percent <= 100).toBe(true);
    }),
  );
});

test('lists a row for each disk', async () => {
  const reader = new DiskReader({ mounts: table('/', '/data'), statfs: answer });
  expect(await reader.read()).toEqual([
    { mountPoint: '/', filesystem: 'ext4', device: '/dev/sd0', ...usageOf(BLOCKS) },
    { mountPoint: '/data', filesystem: 'ext4', device: '/dev/sd1', ...usageOf(BLOCKS) },
  ]);
});

test('sees a disk that was mounted meanwhile', async () => {
  let text = table('/').text;
  const reader = new DiskReader({
    mounts: { read: () => Buffer.from(text), close() {} },
    statfs: answer,
  });
  expect(await reader.read()).toHaveLength(1);
  text = table('/', '/data').text;
  expect(await reader.read()).toHaveLength(2);
});

test('a disk that cannot be asked does not lose the others', async () => {
  const failing: StatFs = (path, callback) =>
    path === '/data' ? callback(new Error('EIO'), BLOCKS) : answer(path, callback);
  const reader = new DiskReader({ mounts: table('/', '/data', '/srv'), statfs: failing });
  expect((await reader.read()).map((row) => row.mountPoint)).toEqual(['/', '/srv']);
});

test('a disk that hangs is left out, is not asked again, and comes back', async () => {
  const held: (() => void)[] = [];
  let dead = true;
  const hanging: StatFs = (path, callback) => {
    if (path === '/dead' && dead) held.push(() => callback(null, BLOCKS));
    else answer(path, callback);
  };
  const mounts = table('/', '/dead', '/srv');
  const reader = new DiskReader({ mounts, statfs: hanging, deadlineMs: 500 });
  const paths = async () => (await reader.read()).map((row) => row.mountPoint);
  expect(await paths()).toEqual(['/', '/srv']);
  expect(await paths()).toEqual(['/', '/srv']);
  expect(held).toHaveLength(1);
  dead = false;
  for (const comeBack of held) comeBack();
  expect(await paths()).toEqual(['/', '/dead', '/srv']);
});

test('disks that hang leave threads to everybody else', async () => {
  const asked: string[] = [];
  const hanging: StatFs = (path) => void asked.push(path);
  const mounts = table('/', '/a', '/b', '/c', '/d');
  const reader = new DiskReader({ mounts, statfs: hanging, deadlineMs: 10 });
  expect(await reader.read()).toEqual([]);
  expect(await reader.read()).toEqual([]);
  expect(asked).toEqual(['/', '/a']);
});

test('asks for one disk at a time', async () => {
  let asking = 0;
  let most = 0;
  const counting: StatFs = (_path, callback) => {
    most = Math.max(most, ++asking);
    statfs('/', (error, blocks) => {
      asking -= 1;
      callback(error, blocks);
    });
  };
  await new DiskReader({ mounts: table('/', '/a', '/b'), statfs: counting }).read();
  expect(most).toBe(1);
});
