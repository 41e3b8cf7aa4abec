import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { listenOnPath } from '../../src/channel/descriptor-handle.ts';
import { HostSocket } from '../../src/channel/host-socket.ts';
import { temporaryFolder } from '../temporary.ts';

/** A host's end of a connection, and the agent's. */
async function connected(): Promise<{ host: Socket; socket: HostSocket }> {
  const path = join(temporaryFolder(), 'sock');
  const { promise, resolve } = Promise.withResolvers<HostSocket>();
  const server = listenOnPath(path, 1, (handle) => resolve(new HostSocket(handle)));
  const host = connect(path);
  const socket = await promise;
  for (const end of [host, socket]) end.on('error', () => undefined);
  onTestFinished(() => {
    host.destroy();
    socket.destroy();
    server.close();
  });
  return { host, socket };
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
      await vi.waitFor(() => expect(text(copies)).toContain(word));
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

  it('tells of the end that comes without a byte', async () => {
    const { host, socket } = await connected();
    const ended = new Promise((resolve) => socket.once('end', resolve));
    host.end();
    await ended;
  });
});
