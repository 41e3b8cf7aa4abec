import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { FileRead, type FileReadRequest, type Init, timestampMs } from '@limiquantix/plugin-sdk';
import { describe, expect, it } from 'vitest';
import { code, failure, filePlugin, scratch } from './plugin.ts';

const host = filePlugin({ maxChunkBytes: 4096, maxMessageBytes: 1_114_112 });
const at = scratch();

const read = (request: Init<FileReadRequest>) => host.call(FileRead, request);

async function readAll(path: string, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let offset = 0; ; ) {
    const chunk = await read({ path, offset, maxBytes });
    chunks.push(chunk.data);
    offset += chunk.data.length;
    if (chunk.eof) return Buffer.concat(chunks);
    expect(chunk.data.length).toBe(maxBytes);
  }
}

function file(name: string, content: string | Buffer): string {
  writeFileSync(at(name), content);
  return at(name);
}

describe('reading a file', () => {
  it('gives its content and what it is', async () => {
    const path = file('plain', 'hello');
    chmodSync(path, 0o4640);
    utimesSync(path, 1_000_000.25, 1_000_000.25);
    const answer = await read({ path });
    expect(Buffer.from(answer.data).toString()).toBe('hello');
    expect(answer).toMatchObject({ eof: true, totalSize: 5, offset: 0, mode: 0o4640 });
    expect(answer.modifiedAt && timestampMs(answer.modifiedAt)).toBe(1_000_000_250);
  });

  it('says eof exactly with the last byte', async () => {
    const path = file('ten', '0123456789');
    const chunk = async (offset: number, maxBytes: number) => {
      const { data, eof } = await read({ path, offset, maxBytes });
      return [Buffer.from(data).toString(), eof];
    };
    expect(await chunk(0, 9)).toEqual(['012345678', false]);
    expect(await chunk(0, 10)).toEqual(['0123456789', true]);
    expect(await chunk(9, 1)).toEqual(['9', true]);
    expect(await chunk(10, 1)).toEqual(['', true]);
  });

  it('gives an empty file as empty', async () => {
    const answer = await read({ path: file('empty', '') });
    expect(answer).toMatchObject({ eof: true, totalSize: 0 });
    expect(answer.data).toHaveLength(0);
  });

  it('refuses an offset past the end', async () => {
    expect(await code(read({ path: file('five', '12345'), offset: 6 }))).toBe(4012);
    expect(await code(read({ path: file('none', ''), offset: 1 }))).toBe(4012);
    for (const offset of [2 ** 53, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
      expect(await code(read({ path: at('five'), offset }))).toBe(4012);
    }
  });

  it('reads one configured chunk unless asked otherwise, and never more than an answer holds', async () => {
    const path = file('long', Buffer.alloc(2_000_000, 7));
    expect((await read({ path })).data).toHaveLength(4096);
    const most = await read({ path, maxBytes: 4_294_967_295 });
    expect(most.data).toHaveLength(1_114_112 - 65_536);
    expect(most.eof).toBe(false);
  });

  it('follows links', async () => {
    symlinkSync(file('target', 'through'), at('link'));
    expect(Buffer.from((await read({ path: at('link') })).data).toString()).toBe('through');
  });

  it('gives the same in chunks that are asked for all at once', async () => {
    const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
    const path = file('parallel', content);
    const offsets = Array.from({ length: 25 }, (_, i) => i * 4096);
    const chunks = await Promise.all(offsets.map((offset) => read({ path, offset })));
    expect(Buffer.concat(chunks.map((chunk) => chunk.data)).equals(content)).toBe(true);
    expect(chunks.map((chunk) => chunk.eof)).toEqual([...Array(24).fill(false), true]);
  });
});

describe('between two chunks', () => {
  const first = async (name: string) => {
    const path = file(name, 'a'.repeat(10));
    await read({ path, maxBytes: 4 });
    return path;
  };
  const rest = async (path: string) => {
    const { data, eof, totalSize } = await read({ path, offset: 4 });
    return { text: Buffer.from(data).toString(), eof, totalSize };
  };

  it('a file may grow', async () => {
    const path = await first('grows');
    appendFileSync(path, 'bb');
    expect(await rest(path)).toEqual({ text: 'aaaaaabb', eof: true, totalSize: 12 });
  });

  it('a file may be replaced: the new one is read', async () => {
    const path = await first('replaced');
    renameSync(file('other', 'c'.repeat(6)), path);
    expect(await rest(path)).toEqual({ text: 'cc', eof: true, totalSize: 6 });
  });

  it('a file may be cut', async () => {
    const path = await first('cut');
    truncateSync(path, 3);
    expect(await code(read({ path, offset: 4 }))).toBe(4012);
  });

  it('a file may be deleted', async () => {
    const path = await first('deleted');
    unlinkSync(path);
    expect(await code(read({ path, offset: 4 }))).toBe(4001);
  });

  it('a file may make room for a directory', async () => {
    const path = await first('swapped');
    unlinkSync(path);
    mkdirSync(path);
    expect(await code(read({ path, offset: 4 }))).toBe(4006);
  });
});

describe('files without a size', () => {
  it('of /proc are read to their end', async () => {
    const answer = await read({ path: '/proc/version' });
    expect(Buffer.from(answer.data).toString()).toBe(readFileSync('/proc/version', 'utf8'));
    expect(answer).toMatchObject({ eof: true, totalSize: answer.data.length });
  });

  it('of /proc can be read in chunks, whatever their size', async () => {
    const path = '/proc/filesystems';
    const content = readFileSync(path);
    for (const maxBytes of [7, 64, content.length - 1, content.length, content.length + 1]) {
      expect((await readAll(path, maxBytes)).toString()).toBe(content.toString());
    }
    const { data, eof } = await read({ path, offset: content.length });
    expect([data.length, eof]).toEqual([0, true]);
    expect(await code(read({ path, offset: content.length + 1 }))).toBe(4012);
  });

  it('of /sys hold less than they claim', async () => {
    const path = '/sys/kernel/uevent_seqnum';
    expect(statSync(path).size).toBe(4096);
    const { data, eof, totalSize } = await read({ path });
    expect(Buffer.from(data).toString()).toMatch(/^\d+\n$/);
    expect([eof, totalSize]).toEqual([true, data.length]);
  });
});

describe('what is no file', () => {
  it('is refused at once: directory, FIFO, device, socket', async () => {
    mkdirSync(at('directory'));
    spawnSync('mkfifo', [at('fifo')]);
    const socket = createServer().listen(at('socket'));
    symlinkSync(at('fifo'), at('to-fifo'));
    // More than there are threads: none of them may be stuck in an open.
    const paths = ['directory', 'fifo', 'fifo', 'fifo', 'fifo', 'fifo', 'socket', 'to-fifo'];
    const calls = [...paths.map((name) => at(name)), '/dev/zero', '/dev/tty'];
    expect(await Promise.all(calls.map((path) => code(read({ path }))))).toEqual(
      calls.map(() => 4006),
    );
    expect((await failure(read({ path: at('fifo') }))).message).toContain('is a FIFO');
    socket.close();
  });

  it('is not touched: who waits at the other end of a FIFO goes on waiting', async () => {
    const fifo = at('waited');
    spawnSync('mkfifo', [fifo]);
    const writer = spawn('sh', ['-c', 'echo ready; echo text > "$0"', fifo]);
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    expect(await code(read({ path: fifo }))).toBe(4006);
    expect(readFileSync(fifo, 'utf8')).toBe('text\n');
  });

  it('is missing, or below a file, or a circle of links', async () => {
    symlinkSync(at('circle'), at('circle'));
    expect(await code(read({ path: at('missing') }))).toBe(4001);
    expect(await code(read({ path: at('missing', 'x') }))).toBe(4001);
    expect(await code(read({ path: `${file('leaf', '')}/x` }))).toBe(4005);
    const error = await failure(read({ path: at('circle') }));
    expect([error.code, error.resolution]).toEqual([4001, expect.stringContaining('circle')]);
    expect(await code(read({ path: `/${'n'.repeat(300)}` }))).toBe(4001);
    expect(await code(read({ path: '' }))).toBe(4007);
  });
});
