import { connect, createServer, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { free, memoryOf, withOwnMemory } from '../../src/session/memory.ts';

/** A chunk as a socket gives it, and the socket. */
async function received(bytes: Uint8Array): Promise<{ chunk: Buffer; socket: Socket }> {
  const { promise, resolve } = Promise.withResolvers<{ chunk: Buffer; socket: Socket }>();
  const server = createServer((socket) => {
    socket.once('data', (chunk: Buffer) => resolve({ chunk, socket }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  const host = connect(port, '127.0.0.1', () => host.write(bytes));
  const got = await promise;
  onTestFinished(() => {
    host.destroy();
    got.socket.destroy();
    server.close();
  });
  return got;
}

describe('what is freed', () => {
  it('is what a socket read, itself', async () => {
    const { chunk, socket } = await received(Buffer.from('hello'));
    expect(withOwnMemory(chunk, socket)).toBe(chunk);
    free(chunk.buffer);
    expect(chunk).toHaveLength(0);
  });

  it('is never part of a pool', async () => {
    const { socket } = await received(Buffer.from('x'));
    const pooled = Buffer.from('hello');
    expect(pooled.buffer.byteLength).toBeGreaterThan(pooled.length);
    const own = withOwnMemory(pooled, socket);
    free(own.buffer);
    expect(pooled.toString()).toBe('hello');
  });

  it('is never what another stream passed on', () => {
    const [stream] = duplexPair();
    const theirs = new Uint8Array([1, 2, 3]);
    const own = withOwnMemory(theirs, stream);
    expect(own).toEqual(theirs);
    free(own.buffer);
    expect(theirs).toHaveLength(3);
  });

  it('may be freed twice', () => {
    const memory = new ArrayBuffer(10);
    free(memory);
    free(memory);
    expect(memory.byteLength).toBe(0);
  });
});

describe('a message has memory of its own', () => {
  const memory = new ArrayBuffer(100);

  it.each([4, 8])('behind a header of %i bytes', (header) => {
    expect(memoryOf(new Uint8Array(memory, header))).toBe(memory);
  });

  it.each([
    ['in front of another one', new Uint8Array(memory, 4, 90)],
    ['behind another one', new Uint8Array(memory, 30)],
    ['in shared memory', new Uint8Array(new SharedArrayBuffer(100), 4)],
  ])('but not %s', (_, message) => {
    expect(memoryOf(message)).toBeUndefined();
  });
});
