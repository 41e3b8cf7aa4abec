import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { crc32 } from 'node:zlib';
import { FileWrite, type FileWriteRequest, type Init } from '@limiquantix/plugin-sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { code, failure, filePlugin, scratch } from './plugin.ts';

const host = filePlugin();
const at = scratch();

const write = (path: string, data: string, rest: Init<FileWriteRequest> = {}) =>
  host.call(FileWrite, { path, data: Buffer.from(data), ...rest });
const text = (path: string) => readFileSync(path, 'utf8');
const mode = (path: string) => statSync(path).mode & 0o7777;

function file(name: string, content: string): string {
  writeFileSync(at(name), content);
  return at(name);
}

describe('writing a file', () => {
  it('creates it', async () => {
    expect(await write(at('new'), 'hello')).toMatchObject({ bytesWritten: 5 });
    expect(text(at('new'))).toBe('hello');
  });

  it('creates an empty one', async () => {
    expect(await write(at('empty'), '')).toMatchObject({ bytesWritten: 0 });
    expect(text(at('empty'))).toBe('');
  });

  it('writes into what is there', async () => {
    await write(file('middle', '0123456789'), 'abc', { offset: 4 });
    expect(text(at('middle'))).toBe('0123abc789');
  });

  it('starts anew with truncate, then writes at the offset', async () => {
    await write(file('anew', '0123456789'), 'ab', { truncate: true });
    expect(text(at('anew'))).toBe('ab');
    await write(at('anew'), 'c', { truncate: true, offset: 2 });
    expect(text(at('anew'))).toBe('\0\0c');
    await write(at('anew'), '', { truncate: true });
    expect(text(at('anew'))).toBe('');
  });

  it('leaves it as it was where the data is not what its host sent', async () => {
    const path = file('whole', 'as it was');
    const sent = Buffer.from('all from one host');
    const cut = Buffer.concat([sent.subarray(0, 9), Buffer.from('the next')]);
    const refused = await failure(
      host.call(FileWrite, { path, data: cut, truncate: true, dataCrc32: crc32(sent) }),
    );
    expect(refused).toMatchObject({ name: 'INVALID_MESSAGE' });
    expect(refused.context).toContain('Nothing was written');
    expect(text(path)).toBe('as it was');
    await host.call(FileWrite, { path, data: sent, truncate: true, dataCrc32: crc32(sent) });
    expect(text(path)).toBe('all from one host');
  });

  it('puts it on stable storage when asked to, new or not', async () => {
    await write(at('synced'), 'one', { sync: true });
    await write(at('synced'), 'two', { sync: true });
    expect(text(at('synced'))).toBe('two');
  });

  it('closes it before answering: a program can be run at once', async () => {
    await write(at('program'), '#!/bin/sh\necho ran\n', { mode: 0o700 });
    expect(spawnSync(at('program'), { encoding: 'utf8' }).stdout).toBe('ran\n');
  });

  it('takes the chunks of an upload in any order', async () => {
    const upload = fc.tuple(
      fc.uint8Array({ minLength: 1, maxLength: 2000 }),
      fc.integer({ min: 1, max: 300 }),
      fc.infiniteStream(fc.nat()),
    );
    let uploads = 0;
    await fc.assert(
      fc.asyncProperty(upload, async ([content, size, order]) => {
        const path = at(`upload-${uploads++}`);
        await host.call(FileWrite, { path, truncate: true });
        const chunks = Array.from({ length: Math.ceil(content.length / size) }, (_, i) => i * size)
          .map((offset) => ({ offset, rank: order.next().value }))
          .sort((a, b) => a.rank - b.rank);
        await Promise.all(
          chunks.map(({ offset }) =>
            host.call(FileWrite, { path, offset, data: content.subarray(offset, offset + size) }),
          ),
        );
        expect(readFileSync(path).equals(content)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves a hole before an offset past the end', async () => {
    await write(at('sparse'), 'x', { offset: 1_000_000_000 });
    const { size, blocks } = statSync(at('sparse'));
    expect(size).toBe(1_000_000_001);
    expect(blocks).toBeLessThan(1000);
  });

  it('refuses an offset that no file can have', async () => {
    const path = file('offset', 'kept');
    for (const offset of [2 ** 46, 2 ** 53 - 1, 2 ** 53, 2n ** 63n, 2n ** 64n - 1n]) {
      expect(await code(write(path, 'xx', { offset }))).toBe(4012);
    }
    expect(text(path)).toBe('kept');
  });

  it('works for files of /proc', async () => {
    await write('/proc/self/oom_score_adj', '7\n', { truncate: true });
    expect(text('/proc/self/oom_score_adj')).toBe('7\n');
    await write('/proc/self/oom_score_adj', '0\n');
    expect(text('/proc/self/oom_score_adj')).toBe('0\n');
  });
});

describe('the mode', () => {
  it('of a new file is 0644, whatever the umask', async () => {
    const before = process.umask(0o077);
    await write(at('default-mode'), 'x');
    await write(at('asked-mode'), 'x', { mode: 0o666 });
    process.umask(before);
    expect([mode(at('default-mode')), mode(at('asked-mode'))]).toEqual([0o644, 0o666]);
  });

  it('of an existing file is kept unless one is given', async () => {
    const path = file('kept-mode', '');
    chmodSync(path, 0o4711);
    await write(path, 'x', { truncate: true });
    expect(mode(path)).toBe(0o4711);
    await write(path, 'x', { mode: 0o600 });
    expect(mode(path)).toBe(0o600);
  });

  it('can be 0, which is not the same as none', async () => {
    await write(at('zero'), 'x', { mode: 0 });
    expect(mode(at('zero'))).toBe(0);
    await write(at('zero'), 'y');
    expect(mode(at('zero'))).toBe(0);
  });

  it('and the owner survive a file that starts anew', async () => {
    const path = file('owned', 'x');
    chownSync(path, 12_345, 54_321);
    const { ino } = statSync(path);
    await write(path, 'y', { truncate: true });
    expect(statSync(path)).toMatchObject({ uid: 12_345, gid: 54_321, ino });
  });
});

describe('parents', () => {
  it('are made when asked for, with mode 0755', async () => {
    const before = process.umask(0o077);
    await write(at('p', 'q', 'r', 'file'), 'deep', { createParents: true });
    process.umask(before);
    expect(text(at('p', 'q', 'r', 'file'))).toBe('deep');
    expect([mode(at('p')), mode(at('p', 'q', 'r'))]).toEqual([0o755, 0o755]);
  });

  it('are made once by chunks that come together', async () => {
    const chunks = [0, 1, 2, 3, 4, 5, 6, 7];
    await Promise.all(
      chunks.map((offset) =>
        write(at('s', 't', 'u'), String(offset), { offset, createParents: true }),
      ),
    );
    expect(text(at('s', 't', 'u'))).toBe('01234567');
  });

  it('are missed otherwise', async () => {
    expect(await code(write(at('absent', 'file'), 'x'))).toBe(4004);
    expect(await code(write(`${file('leaf', '')}/x`, 'x', { createParents: true }))).toBe(4005);
  });
});

describe('links', () => {
  it('are followed, to what is there and to what is not there yet', async () => {
    mkdirSync(at('run'));
    mkdirSync(at('etc'));
    symlinkSync('../run/resolv.conf', at('etc', 'resolv.conf'));
    symlinkSync(at('etc', 'resolv.conf'), at('chain'));
    await write(at('chain'), 'nameserver one', { mode: 0o640 });
    expect(text(at('run', 'resolv.conf'))).toBe('nameserver one');
    expect(mode(at('run', 'resolv.conf'))).toBe(0o640);
    await write(at('etc', 'resolv.conf'), 'nameserver two', { truncate: true });
    expect(text(at('run', 'resolv.conf'))).toBe('nameserver two');
    expect(lstatSync(at('etc', 'resolv.conf')).isSymbolicLink()).toBe(true);
  });

  it('that lead nowhere or in a circle are errors', async () => {
    symlinkSync(at('no', 'such'), at('nowhere'));
    symlinkSync(at('circle'), at('circle'));
    expect(await code(write(at('nowhere'), 'x'))).toBe(4004);
    expect(await code(write(at('circle'), 'x'))).toBe(4001);
  });

  it('of the hard kind stay together', async () => {
    linkSync(file('hard', 'one'), at('harder'));
    await write(at('hard'), 'two', { truncate: true });
    expect(text(at('harder'))).toBe('two');
  });
});

describe('what cannot be written', () => {
  it('is no file: directory, FIFO, device', async () => {
    mkdirSync(at('directory'));
    spawnSync('mkfifo', [at('fifo')]);
    symlinkSync('/dev/full', at('device'));
    for (const path of [at('directory'), at('fifo'), at('device'), '/dev/null', '/']) {
      expect(await code(write(path, 'x', { truncate: true }))).toBe(4006);
    }
  });

  it('is a running program', async () => {
    const sleeper = at('sleeper');
    writeFileSync(sleeper, readFileSync('/bin/sleep'), { mode: 0o755 });
    const child = spawn(sleeper, ['60']);
    await new Promise((resolve) => child.once('spawn', resolve));
    expect(await code(write(sleeper, 'x'))).toBe(4002);
    child.kill('SIGKILL');
  });

  it('is not even for root to write', async () => {
    const path = '/proc/sys/kernel/osrelease';
    const error = await failure(write(path, 'x'));
    expect(error.toString()).toBe(`QXGA-4002: Access denied: ${path}: permission denied`);
  });
});
