import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { libc } from '@limiquantix/plugin-sdk/guest';
import { expect, it, onTestFinished } from 'vitest';
import { adoptDescriptor } from '../../src/channel/descriptor-handle.ts';
import { PortStream } from '../../src/channel/port-stream.ts';
import { temporaryFolder } from '../temporary.ts';

/** Stands in for a port: a pipe whose other end is the test, and that holds 64 KiB. */
function port() {
  const path = `${temporaryFolder()}/port`;
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const handle = adoptDescriptor(fd);
  onTestFinished(() => handle.close());
  return { fd, handle, stream: new PortStream(fd, handle) };
}

/** Another one, that gives what was written in one piece a piece at a time, as the driver does. */
function pagedPort() {
  const AF_UNIX = 1;
  const SOCK_SEQPACKET_NONBLOCK = 5 | constants.O_NONBLOCK;
  type SocketPair = (family: number, type: number, protocol: number, fds: Buffer) => number;
  const socketpair = libc().func<SocketPair>('int socketpair(int, int, int, void *)');
  const fds = Buffer.alloc(8);
  expect(socketpair(AF_UNIX, SOCK_SEQPACKET_NONBLOCK, 0, fds)).toBe(0);
  const [fd, host] = [fds.readInt32LE(0), fds.readInt32LE(4)];
  const handle = adoptDescriptor(fd);
  onTestFinished(() => {
    handle.close();
    closeSync(host);
  });
  return { host, stream: new PortStream(fd, handle) };
}

/** Writes a page at a time, as far as it goes. @returns what is left */
function writePages(host: number, bytes: Buffer): Buffer {
  let left = bytes;
  try {
    while (left.length > 0) left = left.subarray(writeSync(host, left.subarray(0, 4096)));
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
  return left;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function read(stream: PortStream, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let left = bytes;
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      // It is lent.
      chunks.push(Buffer.from(chunk));
      left -= chunk.length;
      if (left <= 0) resolve(Buffer.concat(chunks));
    });
  });
}

it('reads and writes in order, however slowly the other end reads', async () => {
  const { stream } = port();
  const sent = randomBytes(1_000_000);
  const came = read(stream, sent.length);
  for (let at = 0; at < sent.length; at += 50_000) stream.write(sent.subarray(at, at + 50_000));
  expect((await came).equals(sent)).toBe(true);
});

it('keeps the order of what came while nobody wanted to read', async () => {
  const { fd, stream } = port();
  const sent = randomBytes(200_000);
  stream.pause();
  // More than pipe and stream hold: while the rest waits, it looks whether its host is there.
  const written = new Promise((resolve) => stream.write(sent, resolve));
  await pause(300);
  const came = read(stream, sent.length);
  stream.resume();
  await written;
  expect((await came).equals(sent)).toBe(true);
  expect(() => readSync(fd, Buffer.alloc(1))).toThrow('EAGAIN');
});

it('keeps the order of bulk data that comes a page at a time, however often it is paused', async () => {
  const { host, stream } = pagedPort();
  const sent = randomBytes(2_000_001);
  const came = read(stream, sent.length);
  let chunks = 0;
  stream.on('data', () => {
    if (++chunks % 3 > 0) return;
    stream.pause();
    setTimeout(() => stream.resume(), chunks % 2);
  });
  let left: Buffer = sent;
  for (; left.length > 0; await pause(0)) left = writePages(host, left);
  expect((await came).equals(sent)).toBe(true);
});

it('uses little of a CPU while it cannot write, and forgets it when it is over', async () => {
  const { fd, handle, stream } = port();
  stream.pause();
  for (;;) {
    try {
      writeSync(fd, Buffer.alloc(4096));
    } catch {
      break;
    }
  }
  await pause(50);
  const failed = new Promise((resolve) => stream.write(Buffer.alloc(500_000), resolve));
  const before = process.cpuUsage();
  await pause(1000);
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(300_000);
  stream.destroy();
  expect(await failed).toBeInstanceOf(Error);
  // The next stream on the same handle.
  const next = new PortStream(fd, handle);
  const came: Buffer[] = [];
  next.on('data', (chunk: Buffer) => came.push(Buffer.from(chunk)));
  await pause(100);
  const left = Buffer.concat(came).length;
  next.write('hello');
  await expect.poll(() => Buffer.concat(came).subarray(left).toString()).toBe('hello');
});
