import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {
  CreateDirectory,
  FileDelete,
  FileRead,
  FileStat,
  FileWrite,
  ListDirectory,
} from '@limiquantix/plugin-sdk';
import { expect, it } from 'vitest';
import { filePlugin, scratch } from './plugin.ts';

const host = filePlugin();
const at = scratch();

/** Where the descriptors of this process lead that have to do with these tests. */
function open(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(at()) || path === '/' ? [path] : [];
    } catch {
      return [];
    }
  });
}

it('2,000 operations, failing ones too, leave no descriptor', async () => {
  writeFileSync(at('file'), Buffer.alloc(300_000));
  symlinkSync('missing', at('broken'));
  spawnSync('mkfifo', [at('fifo')]);
  mkdirSync(at('full'));
  writeFileSync(at('full', 'x'), '');
  const data = Buffer.from('x');
  const round = async (n: number) => {
    const directory = at(`round-${n}`);
    const path = `${directory}/a/b/file`;
    await host.call(FileWrite, { path, data, createParents: true, sync: n % 50 === 0 });
    await Promise.allSettled([
      host.call(FileRead, { path: at('file'), offset: 65_536 * (n % 5) }),
      host.call(FileRead, { path, offset: 9 }),
      host.call(FileRead, { path: at('fifo') }),
      host.call(FileRead, { path: at('broken') }),
      host.call(FileWrite, { path: at('fifo'), data }),
      host.call(FileWrite, { path: at('full'), data }),
      host.call(FileWrite, { path, data, truncate: true }),
      host.call(ListDirectory, { path: directory }),
      host.call(ListDirectory, { path: at('file') }),
      host.call(ListDirectory, { path: directory, continuationToken: 'bad' }),
      host.call(FileStat, { path }),
      host.call(FileStat, { path: at('missing') }),
      host.call(FileDelete, { path: at('full') }),
      host.call(FileDelete, { path: at('missing') }),
      host.call(CreateDirectory, { path: directory }),
      host.call(CreateDirectory, { path: `${path}/below`, createParents: true }),
      host.call(CreateDirectory, { path: `${directory}/c/d`, createParents: true }),
      host.call(FileDelete, { path: '/', recursive: true }),
    ]);
    await host.call(FileDelete, { path: directory, recursive: true });
  };
  for (let n = 0; n < 100; n++) await round(n);
  await expect.poll(open).toEqual([]);
});

it('a file that is read in chunks is closed with its last chunk', async () => {
  const path = at('chunks');
  writeFileSync(path, Buffer.alloc(200_000));
  const files = () => open().filter((each) => each === path);
  await host.call(FileRead, { path });
  expect(files()).toHaveLength(1);
  await host.call(FileRead, { path, offset: 196_608 });
  await expect.poll(files).toHaveLength(0);
});

it('a file that was replaced is closed when the new one is read', async () => {
  const path = at('replaced');
  writeFileSync(path, Buffer.alloc(200_000));
  await host.call(FileRead, { path });
  renameSync(path, at('renamed'));
  writeFileSync(path, Buffer.alloc(200_000));
  await Promise.all([0, 1, 2].map((n) => host.call(FileRead, { path, offset: n })));
  await expect.poll(() => open().filter((each) => each === at('renamed'))).toHaveLength(0);
  await expect.poll(() => open().filter((each) => each === path)).toHaveLength(1);
});

it('a file that nobody reads on is closed by itself, and so are all but a few', async () => {
  for (let n = 0; n < 50; n++) {
    writeFileSync(at(`many-${n}`), Buffer.alloc(70_000));
    await host.call(FileRead, { path: at(`many-${n}`) });
  }
  await expect.poll(() => open().length).toBeLessThanOrEqual(16);
  expect(open().length).toBeGreaterThan(0);
  await expect.poll(open).toEqual([]);
});
