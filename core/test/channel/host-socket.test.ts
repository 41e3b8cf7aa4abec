import { connect } from 'node:net';
import { join } from 'node:path';
import { libc } from '@limiquantix/plugin-sdk/guest';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DescriptorHandle, listenOnPath } from '../../src/channel/descriptor-handle.ts';
import { HostSocket } from '../../src/channel/host-socket.ts';
import { temporaryFolder } from '../temporary.ts';

/** A host's end of a connection, and the agent's. */
async function connected() {
  const path = join(temporaryFolder(), 'sock');
  const { promise, resolve } = Promise.withResolvers<DescriptorHandle>();
  const server = listenOnPath(path, 1, resolve);
  const host = connect(path);
  const handle = await promise;
  const socket = new HostSocket(handle);
  for (const end of [host, socket]) end.on('error', () => undefined);
  onTestFinished(() => {
    host.destroy();
    socket.destroy();
    server.close();
  });
  return { host, socket, handle };
}

/** What the kernel takes for the other end. */
function sendBuffer({ fd }: { fd: number }): number {
  type GetOption = (
    fd: number,
    level: number,
    name: number,
    value: Buffer,
    bytes: Buffer,
  ) => number;
  const getsockopt = libc().func<GetOption>('int getsockopt(int, int, int, void *, void *)');
  const [value, bytes] = [Buffer.alloc(4), Buffer.from(Uint32Array.of(4).buffer)];
  const [SOL_SOCKET, SO_SNDBUF] = [1, 7];
  expect(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, value, bytes)).toBe(0);
  return value.readInt32LE();
}

const text = (bytes: readonly Buffer[]) => Buffer.concat(bytes).toString();

describe('a connection of a host', () => {
  it('lends what arrived, in the same memory each time', async () => {
    const { host, socket } = await connected();
    const lent: Buffer[] = [];
    const copies: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => {
      lent.push(bytes);
      copies.push(Buffer.from(bytes));
    });
    for (const word of ['one', 'two']) {
      host.write(word);
      await expect.poll(() => text(copies)).toContain(word);
    }
    expect(new Set(lent.map(({ buffer }) => buffer)).size).toBe(1);
    expect(copies.map(String)).toEqual(['one', 'two']);
  });

  it('reads nothing while it is paused, and loses nothing', async () => {
    const { host, socket } = await connected();
    const sent = Buffer.alloc(4 * 1024 * 1024, 'abcdefg');
    const arrived: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => {
      expect(socket.isPaused()).toBe(false);
      arrived.push(Buffer.from(bytes));
      socket.pause();
      setImmediate(() => socket.resume());
    });
    host.end(sent);
    await new Promise((resolve) => socket.once('end', resolve));
    expect(Buffer.concat(arrived).equals(sent)).toBe(true);
  });

  it('has room for more at a time from when a file is sent over it', async () => {
    const { host, socket, handle } = await connected();
    const before = sendBuffer(handle);
    const arrived: Buffer[] = [];
    host.on('data', (bytes: Buffer) => arrived.push(bytes));
    const send = async (parts: number, bytes: number) => {
      socket.cork();
      for (let part = 0; part < parts; part++) socket.write(Buffer.alloc(bytes, part));
      socket.uncork();
      await new Promise((resolve) => socket.write('', resolve));
    };
    await send(10, 1000);
    expect(sendBuffer(handle)).toBe(before);
    await send(4, 65_536);
    expect(sendBuffer(handle)).toBeGreaterThan(before);
    await expect.poll(() => Buffer.concat(arrived)).toHaveLength(10_000 + 4 * 65_536);
  });

  it('tells of the end that comes without a byte', async () => {
    const { host, socket } = await connected();
    const ended = new Promise((resolve) => socket.once('end', resolve));
    host.end();
    await ended;
  });
});
