import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openUnixSocket } from '../../src/channel/unix-socket.ts';
import { temporaryFolder } from '../temporary.ts';

let path: string;
let peers: Duplex[];

beforeEach(() => {
  path = join(temporaryFolder(), 'agent.sock');
  peers = [];
});

async function open(): Promise<{ close(): Promise<void> }> {
  const channel = await openUnixSocket(path, {
    onPeer: (stream) => {
      peers.push(stream);
      stream.on('error', () => undefined);
      stream.on('data', (chunk) => stream.write(chunk));
    },
    onLost: () => undefined,
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

/** A socket that an agent left behind which was killed. */
function leaveStale(): void {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect(statSync(path).isSocket()).toBe(true);
}

describe('a unix socket', () => {
  it('connects several hosts at once', async () => {
    await open();
    const [one, two] = [dial(), dial()];
    one.write('1');
    two.write('2');
    expect(await Promise.all([said(one), said(two)])).toEqual(['1', '2']);
    expect(peers).toHaveLength(2);
  });

  it('may be opened by its owner only, whatever the umask', async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    await open();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(process.umask()).toBe(0);
  });

  it('takes the place of one that a killed agent left', async () => {
    leaveStale();
    await open();
    const socket = dial();
    socket.write('x');
    expect(await said(socket)).toBe('x');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('leaves one alone that another process listens on', async () => {
    const other = createServer((socket) => socket.on('error', () => undefined).end('other'));
    await new Promise<void>((resolve) => other.listen(path, resolve));
    onTestFinished(() => void other.close());
    await expect(open()).rejects.toThrow(
      expect.objectContaining({ code: 1006, message: expect.stringContaining(path) }),
    );
    expect(await said(dial())).toBe('other');
  });

  it('never removes what is no socket', async () => {
    writeFileSync(path, 'precious');
    await expect(open()).rejects.toThrow(expect.objectContaining({ code: 1002 }));
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('says that its folder does not exist', async () => {
    path = join(path, 'missing', 'agent.sock');
    await expect(open()).rejects.toThrow(
      expect.objectContaining({ code: 1002, message: expect.stringContaining('missing') }),
    );
  });

  it('is gone when it is closed, and so are its peers', async () => {
    const channel = await open();
    const socket = dial();
    await expect.poll(() => peers).toHaveLength(1);
    const hungUp = new Promise((resolve) => socket.once('close', resolve));
    await channel.close();
    await hungUp;
    expect(existsSync(path)).toBe(false);
  });

  it('turns away more than 64 hosts', async () => {
    await open();
    for (let i = 0; i < 64; i++) dial();
    await expect.poll(() => peers).toHaveLength(64);
    const turnedAway = dial();
    await new Promise((resolve) => turnedAway.once('close', resolve));
    expect(peers).toHaveLength(64);
  });
});
