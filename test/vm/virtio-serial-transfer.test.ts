import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { AgentClient } from '@limiquantix/agent-client';
import { Ping } from '@limiquantix/agent-proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { quantile } from '../bench/statistics.ts';
import { recordGuestFigures } from '../support/guest-figures.ts';
import { usageOf } from './support/agent-usage.ts';
import { type Guest, restoreGuest } from './support/guest.ts';

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;
/** In memory: what a disk costs is not the port's. */
const FILE = '/dev/shm/transfer';
const LIMIT_MS = 120_000;
/** An emulated V8 takes seconds for what is done in a tenth of one elsewhere. */
const WARM_UP = 3;
const ROUNDS = 5;

let guest: Guest;
let client: AgentClient;
const content = randomBytes(SIZE);
const hash = createHash('sha256').update(content).digest('hex');

beforeAll(async () => {
  guest = await restoreGuest({ gateway: false });
  client = await AgentClient.connect({ path: guest.socketPath });
  await client.call(Ping, {}, { timeoutMs: LIMIT_MS });
});
afterAll(async () => {
  await client.close();
  await guest.stop();
});

const upload = async () => {
  const { bytesWritten } = await client.upload(FILE, [content]);
  expect(bytesWritten).toBe(SIZE);
};

const download = async () => {
  const came = createHash('sha256');
  for await (const chunk of client.download(FILE)) came.update(chunk);
  expect(came.digest('hex')).toBe(hash);
};

/** Runs a transfer while pings go by. Prints its CPU time and how long they took. @returns MB/s */
async function measured(name: string, transfer: () => Promise<void>): Promise<number> {
  const pings: number[] = [];
  let running = true;
  const before = await usageOf(guest);
  const pinging = (async () => {
    while (running) {
      const began = performance.now();
      await client.call(Ping, {}, { timeoutMs: LIMIT_MS });
      pings.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const began = performance.now();
  await transfer();
  const seconds = (performance.now() - began) / 1000;
  running = false;
  await pinging;
  const cpuMs = (await usageOf(guest)).cpuMs - before.cpuMs;
  pings.sort((a, b) => a - b);
  const at = (share: number) => pings[Math.floor(share * (pings.length - 1))]?.toFixed(0);
  console.log(
    `${name}: ${(SIZE / 1e6 / seconds).toFixed(1)} MB/s, ${(cpuMs / seconds / 10).toFixed(0)} % of a CPU; ` +
      `ping p50 ${at(0.5)}, p90 ${at(0.9)}, most ${at(1)} ms`,
  );
  expect(pings.at(-1)).toBeLessThan(5000);
  return SIZE / 1e6 / seconds;
}

it('takes 64 MiB from its host whole, and answers meanwhile', async () => {
  await measured('first upload', upload);
  expect(await guest.ok(`sha256sum ${FILE} | cut -d' ' -f1`, LIMIT_MS)).toBe(hash);
});

it('gives it back whole, and answers meanwhile', async () => {
  await measured('first download', download);
});

it('does both again, the faster the more of its code V8 has compiled', async () => {
  const uploads: number[] = [];
  const downloads: number[] = [];
  for (let round = 1; round <= WARM_UP + ROUNDS; round++) {
    uploads.push(await measured('upload', upload));
    downloads.push(await measured('download', download));
  }
  const medianOf = (all: readonly number[]) => quantile(all.slice(WARM_UP), 0.5);
  const figures = {
    uploadMbPerSecond: medianOf(uploads),
    downloadMbPerSecond: medianOf(downloads),
  };
  recordGuestFigures(figures);
  console.log('warm, in the median:', figures);
});

it('is compared with what the port itself carries', async () => {
  const path = join(dirname(guest.socketPath), '..', 'raw.sock');
  const addr = { type: 'unix', data: { path } };
  const backend = { type: 'socket', data: { addr, server: true, wait: false } };
  await guest.qmp('chardev-add', { id: 'raw', backend });
  const port = { driver: 'virtserialport', chardev: 'raw', name: 'raw', bus: 'serial.0' };
  await guest.qmp('device_add', port);
  const device = '/dev/virtio-ports/raw';
  await guest.ok(`until test -e ${device}; do sleep 0.2; done`);
  const socket = connect(path);
  await new Promise((resolve) => socket.once('connect', resolve));
  const count = (size: number) => `bs=${size} count=${SIZE / size} iflag=fullblock`;
  const speed = (began: number) => `${(SIZE / 1e3 / (performance.now() - began)).toFixed(1)} MB/s`;

  const reading = guest.ok(`dd if=${device} of=/dev/null ${count(64 * 1024)} 2>&1`, LIMIT_MS);
  let began = performance.now();
  socket.write(content);
  await reading;
  const into = speed(began);

  let left = SIZE;
  const read = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      left -= chunk.length;
      if (left <= 0) resolve();
    });
  });
  began = performance.now();
  await guest.ok(`dd if=/dev/zero of=${device} ${count(64 * 1024)} 2>&1`, LIMIT_MS);
  await read;
  console.log(`the port alone: ${into} into the guest, ${speed(began)} out of it`);
  socket.destroy();
  expect(left).toBe(0);
});
