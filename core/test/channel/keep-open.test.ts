import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { KeptChannel } from '../../src/channel/keep-open.ts';
import { devicesOf } from '../../src/channel/open.ts';
import { temporaryFolder } from '../temporary.ts';

let folder: string;
let path: string;
let log: ReturnType<typeof memoryLogger>;
let peers: Duplex[];

beforeEach(() => {
  folder = join(temporaryFolder(), 'run');
  path = join(folder, 'agent.sock');
  log = memoryLogger();
  peers = [];
});

function keep(devices = [`unix:${path}`], allowLocalVsock = false): KeptChannel {
  const channel = new KeptChannel({
    devices,
    allowLocalVsock,
    onPeer: (stream) => peers.push(stream),
    log,
  });
  onTestFinished(() => channel.close());
  return channel;
}

const warnings = () => log.entries.filter(({ level }) => level === 'warn').map((e) => e.message);

/** Tries until there is somebody who listens. */
async function connected(): Promise<void> {
  const attempt = () => {
    const socket = connect(path);
    onTestFinished(() => void socket.destroy());
    return new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
  };
  await expect.poll(attempt).toBe(true);
  await expect.poll(() => peers.length).toBeGreaterThan(0);
}

describe('a kept channel', () => {
  it('opens as soon as it can, and says once why it could not', async () => {
    await keep().open();
    await expect.poll(warnings).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 400));
    mkdirSync(folder);
    await connected();
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toMatch(/^QXGA-1002: Failed to open device: cannot listen on /);
    expect(log.entries.at(-1)).toMatchObject({
      message: 'channel open',
      fields: { device: `unix:${path}` },
    });
  });

  it('says it again when the reason is another one', async () => {
    await keep().open();
    mkdirSync(folder);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(path, resolve));
    onTestFinished(() => void other.close());
    await expect.poll(warnings).toHaveLength(2);
    expect(warnings()[1]).toMatch(/^QXGA-1006: Device is busy/);
  });

  it('tries the virtio port after vsock where that is preferred', async () => {
    // Taken by another agent, where this machine has vsock at all.
    const other = keep(['vsock:1000'], true);
    await other.open();
    log.entries.length = 0;
    const config = { device_path: 'auto', prefer_vsock: true, vsock_allow_local: false };
    await keep([...devicesOf(config)]).open();
    const first = log.entries.filter(({ level }) => level === 'warn').slice(0, 2);
    expect(first).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/^QXGA-100[267]: /),
        fields: expect.objectContaining({ device: 'vsock:1000' }),
      }),
      expect.objectContaining({
        message: expect.stringMatching(/^QXGA-1001: .*org\.limiquantix\.agent\.0/),
      }),
    ]);
  });

  describe('on a device that stands in', () => {
    const open = () =>
      log.entries.filter(({ message }) => message === 'channel open').map((e) => e.fields?.device);
    let preferred: string;
    let standIn: string;

    beforeEach(async () => {
      preferred = `unix:${path}`;
      standIn = `unix:${folder}.sock`;
      await keep([preferred, standIn]).open();
      expect(open()).toEqual([standIn]);
    });

    it('goes over to the preferred one as soon as that is there', async () => {
      mkdirSync(folder);
      await connected();
      expect(open()).toEqual([standIn, preferred]);
      await expect.poll(() => existsSync(`${folder}.sock`)).toBe(false);
    });

    it('does not cut off the host that is connected: it waits for that to leave', async () => {
      const host = connect(`${folder}.sock`);
      await expect.poll(() => peers).toHaveLength(1);
      mkdirSync(folder);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(open()).toEqual([standIn]);
      host.destroy();
      await expect.poll(open).toEqual([standIn, preferred]);
    });
  });

  it('knows a device that is missing, and one that is none', async () => {
    mkdirSync(folder);
    await keep([join(folder, 'port')]).open();
    expect(warnings()[0]).toMatch(/^QXGA-1001: /);
    writeFileSync(path, '');
    await keep([folder]).open();
    expect(warnings()[1]).toMatch(/^QXGA-1002: /);
  });

  it('tries no more once it is closed', async () => {
    const channel = keep();
    await channel.open();
    await channel.close();
    mkdirSync(folder);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(log.entries.some(({ message }) => message === 'channel open')).toBe(false);
  });
});
