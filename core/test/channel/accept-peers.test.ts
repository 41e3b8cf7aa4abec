import { closeSync, readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { libc } from '@limiquantix/plugin-sdk/guest';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { acceptPeers } from '../../src/channel/accept-peers.ts';
import type { Channel } from '../../src/channel/channel.ts';
import { MAX_PEERS } from '../../src/channel/channel.ts';
import { listenOnDescriptor } from '../../src/channel/descriptor-handle.ts';
import { temporaryFolder } from '../temporary.ts';

const AF_UNIX = 1;
const SOCK_STREAM = 1;

let path: string;
let peers: Duplex[];
let refused: string[];
let refusal: (fd: number) => string | undefined;

beforeEach(() => {
  path = join(temporaryFolder(), 'agent.sock');
  peers = [];
  refused = [];
  refusal = () => undefined;
});

/** A socket that `net` did not make: any family would do, and this one can be dialled. */
function unboundSocket(): number {
  type MakeSocket = (family: number, type: number, protocol: number) => number;
  return libc().func<MakeSocket>('int socket(int, int, int)')(AF_UNIX, SOCK_STREAM, 0);
}

function boundSocket(): number {
  const fd = unboundSocket();
  const address = Buffer.alloc(2 + path.length + 1);
  address.writeUInt16LE(AF_UNIX, 0);
  address.write(path, 2);
  type Bind = (fd: number, address: Buffer, length: number) => number;
  const bind = libc().func<Bind>('int bind(int, const void *, unsigned int)');
  expect(bind(fd, address, address.length)).toBe(0);
  return fd;
}

function accept(fd = boundSocket()): Channel {
  const channel = acceptPeers({
    name: 'test',
    listen: (onConnection) => listenOnDescriptor(fd, MAX_PEERS, onConnection),
    refusal: (peer) => refusal(peer),
    events: {
      onPeer: (stream) => {
        peers.push(stream);
        stream.on('error', () => undefined);
        stream.on('data', (chunk) => stream.write(chunk));
      },
      onRefused: (reason) => refused.push(reason),
      onLost: () => undefined,
    },
  });
  onTestFinished(() => channel.close());
  return channel;
}

function dial(): Socket {
  const socket = connect(path);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

const said = (socket: Socket) =>
  new Promise((resolve) => socket.once('data', (c) => resolve(`${c}`)));
const hungUp = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));
const descriptors = () => readdirSync('/proc/self/fd').length;

describe.skipIf(process.platform !== 'linux')('a listening socket of another family', () => {
  it('connects several hosts at once', async () => {
    accept();
    const [one, two] = [dial(), dial()];
    one.write('1');
    two.write('2');
    expect(await Promise.all([said(one), said(two)])).toEqual(['1', '2']);
    expect(peers).toHaveLength(2);
  });

  it('carries many megabytes both ways as they are', async () => {
    accept();
    const socket = dial();
    const sent = Buffer.alloc(16 << 20, 'All of it, in this order. ');
    const echoed: Buffer[] = [];
    const whole = new Promise<void>((resolve) => {
      let length = 0;
      socket.on('data', (chunk) => {
        echoed.push(chunk);
        length += chunk.length;
        if (length >= sent.length) resolve();
      });
    });
    socket.write(sent);
    await whole;
    expect(Buffer.concat(echoed).equals(sent)).toBe(true);
  });

  it('asks about each connection, and hangs up on who may be no host', async () => {
    const asked: number[] = [];
    refusal = (fd) => {
      asked.push(fd);
      return asked.length === 1 ? 'not this one' : undefined;
    };
    accept();
    await hungUp(dial());
    const second = dial();
    second.write('x');
    expect(await said(second)).toBe('x');
    expect(refused).toEqual(['not this one']);
    expect(peers).toHaveLength(1);
    expect(asked.every((fd) => fd > 2)).toBe(true);
  });

  it('turns away more than 64 hosts, until one leaves', async () => {
    accept();
    const hosts = Array.from({ length: 64 }, dial);
    await expect.poll(() => peers).toHaveLength(64);
    await hungUp(dial());
    expect(refused).toEqual(['64 are connected']);
    const left = new Promise((resolve) => peers[0]?.once('close', resolve));
    hosts[0]?.destroy();
    await left;
    const next = dial();
    next.write('x');
    expect(await said(next)).toBe('x');
  });

  it('leaves no descriptor behind when it is closed, and hangs up on its peers', async () => {
    // What the first socket of a process needs stays open.
    await accept().close();
    path = `${path}2`;
    const before = descriptors();
    const channel = accept();
    const socket = dial();
    await expect.poll(() => peers).toHaveLength(1);
    const end = hungUp(socket);
    await channel.close();
    await end;
    await expect.poll(descriptors).toBe(before);
  });

  it('closes what cannot listen', () => {
    const before = descriptors();
    // Nobody bound it.
    const fd = unboundSocket();
    expect(() => accept(fd)).toThrow('EINVAL');
    expect(() => closeSync(fd)).toThrow('EBADF');
    expect(descriptors()).toBe(before);
  });
});
