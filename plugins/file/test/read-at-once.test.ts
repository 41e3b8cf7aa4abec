import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import type { Call, FileReadRequest } from '@limiquantix/plugin-sdk';
import { libc } from '@limiquantix/plugin-sdk/guest';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ChunkBuffers } from '../src/chunk-buffers.ts';
import { type PageCache, pageCache } from '../src/linux/page-cache.ts';
import { OpenFiles } from '../src/open-files.ts';
import { readFile } from '../src/read.ts';
import { code, hasLocalDisk, scratch } from './plugin.ts';

const at = scratch();
const PAGE = 4096;
const POSIX_FADV_DONTNEED = 4;
const opened: OpenFiles[] = [];
afterEach(() => {
  for (const files of opened.splice(0)) files.close();
});

/** @param cache without one everything is read through the pool */
function reader(cache = pageCache) {
  const files = new OpenFiles({ cache });
  opened.push(files);
  const context = {
    files,
    buffers: new ChunkBuffers(),
    agent: { version: '0', maxChunkBytes: PAGE, maxMessageBytes: 1024 * 1024 },
  };
  const call = { afterSent: () => undefined, signal: new AbortController().signal };
  const read = (request: Pick<FileReadRequest, 'path' | 'offset'> & Partial<FileReadRequest>) =>
    readFile({ maxBytes: 0, ...request }, call as unknown as Call, context);
  return { files, read };
}

/** Reads its first chunks, as a host does that wants all of it. */
async function begun(path: string, cache = pageCache) {
  const { files, read } = reader(cache);
  for (const offset of [0, 1]) await read({ path, offset, maxBytes: 1 });
  await expect.poll(() => files.now(path) !== undefined).toBe(true);
  return { files, read };
}

function file(name: string, content: string | Buffer): string {
  writeFileSync(at(name), content);
  return at(name);
}

/** Has the kernel forget what it has in memory of a file. */
function forget(path: string): void {
  const advise = libc().func<
    (fd: number, position: number, bytes: number, advice: number) => number
  >('int posix_fadvise(int fd, int64_t position, int64_t bytes, int advice)');
  const fd = openSync(path, 'r+');
  fsyncSync(fd);
  expect(advise(fd, 0, 0, POSIX_FADV_DONTNEED)).toBe(0);
  closeSync(fd);
}

const isPromise = (answer: unknown) => answer instanceof Promise;

describe.runIf(hasLocalDisk)('a chunk that is in memory', () => {
  const content = Buffer.from(Array.from({ length: 10 * PAGE + 7 }, (_, i) => i % 251));

  it('is read at once, from the file’s second chunk on', async () => {
    const { read } = await begun(file('cached', content));
    const answer = read({ path: at('cached'), offset: 3 * PAGE });
    expect(isPromise(answer)).toBe(false);
    const { data, eof, totalSize } = await answer;
    expect(content.subarray(3 * PAGE, 4 * PAGE).equals(data as Buffer)).toBe(true);
    expect([eof, totalSize]).toEqual([false, content.length]);
  });

  it('is answered like any other', async () => {
    const path = file('same', content);
    const chunk = fc.record({
      offset: fc.nat(content.length + 10),
      maxBytes: fc.integer({ min: 1, max: 2 * content.length }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 20 }), async (chunks) => {
        const answers = ({ read }: ReturnType<typeof reader>) =>
          Promise.allSettled(chunks.map(async (each) => read({ path, ...each })));
        expect(await answers(await begun(path))).toEqual(await answers(reader(() => undefined)));
      }),
      { numRuns: 40 },
    );
  });

  it('may begin beyond four gigabytes', async () => {
    const path = file('sparse', content);
    const offset = 5 * 2 ** 30;
    truncateSync(path, offset);
    appendFileSync(path, 'the end');
    const { read } = await begun(path);
    const answer = read({ path, offset });
    expect(isPromise(answer)).toBe(false);
    expect(await answer).toMatchObject({ data: Buffer.from('the end'), eof: true });
  });

  it('is of the file that has the name by then', async () => {
    const path = file('name', 'old'.repeat(PAGE));
    const { read } = await begun(path);
    renameSync(file('other', 'new'), path);
    const answer = await read({ path, offset: 0 });
    expect(answer).toMatchObject({ data: Buffer.from('new'), eof: true, totalSize: 3 });
    unlinkSync(path);
    await expect(read({ path, offset: 0 })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is what the file holds after it was cut, and after it grew', async () => {
    const path = file('size', 'abcdef');
    const { files, read } = await begun(path);
    truncateSync(path, 3);
    expect(await read({ path, offset: 1 })).toMatchObject({ data: Buffer.from('bc'), eof: true });
    expect(files.now(path)).toBeUndefined();
    const again = await begun(path);
    appendFileSync(path, 'XY');
    expect(await again.read({ path, offset: 1 })).toMatchObject({ data: Buffer.from('bcXY') });
    truncateSync(path, 0);
    expect(await code(Promise.resolve(read({ path, offset: 1 })))).toBe(4012);
  });

  it('is read by a thread of the pool where it has to come from the disk', async () => {
    const path = file('cold', content);
    const { files, read } = await begun(path);
    forget(path);
    const answer = read({ path, offset: 5 * PAGE });
    expect(isPromise(answer)).toBe(true);
    expect(content.subarray(5 * PAGE, 6 * PAGE).equals((await answer).data as Buffer)).toBe(true);
    expect(files.now(path)).toBeUndefined();
  });

  it('is read by a thread of the pool once somebody delays each read', async () => {
    const delayed = {
      open: () => true,
      read: (_fd: number, buffer: Uint8Array) => {
        const until = performance.now() + 10;
        while (performance.now() < until);
        return buffer.length;
      },
    } as unknown as PageCache;
    const path = file('scanned', content);
    const { read } = await begun(path, () => delayed);
    expect(isPromise(read({ path, offset: 0 }))).toBe(false);
    expect(isPromise(read({ path, offset: 0 }))).toBe(true);
  });

  it('is read by a thread of the pool where it is large', async () => {
    const path = file('large', Buffer.alloc(1024 * 1024, 7));
    const { read } = await begun(path);
    expect(isPromise(read({ path, offset: 0, maxBytes: 64 * 1024 }))).toBe(false);
    expect(isPromise(read({ path, offset: 0, maxBytes: 512 * 1024 }))).toBe(true);
  });
});

it('an agent that cannot call C functions reads by threads of the pool alone', () => {
  const path = file('elsewhere', 'x'.repeat(PAGE));
  // Another place of the agent's is a process of its own.
  const script = `
    process.argv[1] = '/nowhere/agent.cjs';
    const { OpenFiles } = await import(${JSON.stringify(import.meta.resolve('../src/open-files.ts'))});
    const files = new OpenFiles();
    for (let chunk = 0; chunk < 5; chunk++) {
      using lease = await files.lease(${JSON.stringify(path)});
      console.log(await lease.io.transfer(Buffer.alloc(7), chunk), files.now(${JSON.stringify(path)}));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }`;
  const args = ['--input-type=module', '-e', script];
  const output = execFileSync(process.execPath, args, { encoding: 'utf8' });
  expect(output).toBe('7 undefined\n'.repeat(5));
});

it('a file of no local disk is read by threads of the pool alone', async () => {
  const { files, read } = reader();
  for (const offset of [0, 1, 2]) await read({ path: '/proc/version', offset });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(files.now('/proc/version')).toBeUndefined();
});
