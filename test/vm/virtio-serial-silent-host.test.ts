import {
  FileRead,
  Ping,
  type PongResponse,
  Quiesce,
  type QuiesceResponse,
} from '@limiquantix/agent-proto';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { answerOf, isEvent, RawHost } from '../support/raw-host.ts';
import { usageOf } from './support/agent-usage.ts';
import { type Guest, restoreGuest } from './support/guest.ts';

const SILENT_MS = 30_000;
const PATIENT_MS = 120_000;
const READS = 200;
const READ_BYTES = 256 * 1024;
const PINGS = 50;
/** What is queued and in flight may hold 4.5 MiB; the rest is room for what was read to be sent. */
const GROWTH_KIB = 40 * 1024;

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest({ gateway: false });
  await guest.ok('head -c 1000000 /dev/urandom >/data/random');
});
afterAll(() => guest.stop());

async function connect(): Promise<RawHost> {
  const host = await RawHost.connect(guest.socketPath, { strayBytes: true });
  onTestFinished(() => host.close());
  // A guest that did not run meanwhile has not seen that the last host left.
  await host.answer(host.request(Ping, { greet: true }), PATIENT_MS);
  return host;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('keeps little for a host that does not read for 30 s, and then answers all of it', async () => {
  const host = await connect();
  await host.answer(host.request(FileRead, { path: '/data/random' }), PATIENT_MS);
  const before = await usageOf(guest);
  host.socket.pause();
  const pings = Array.from({ length: PINGS }, (_, sequence) =>
    host.request(Ping, { sequence }, { id: `ping-${sequence}` }),
  );
  const reads = Array.from({ length: READS }, (_, i) =>
    host.request(FileRead, { path: '/data/random', maxBytes: READ_BYTES }, { id: `read-${i}` }),
  );
  await pause(SILENT_MS);
  const after = await usageOf(guest);
  console.log(`after ${SILENT_MS / 1000} s: ${before.anon} KiB, then ${after.anon} KiB`);
  expect(after.anon - before.anon).toBeLessThan(GROWTH_KIB);

  const came = host.received.length;
  host.socket.resume();
  for (const id of [...pings, ...reads]) await host.answer(id, PATIENT_MS);
  const ids = host.received.slice(came).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => id.startsWith('ping-'))).toEqual(pings);
  expect(ids.filter((id) => id.startsWith('read-')).sort()).toEqual([...reads].sort());
  // Of telemetry that nobody read the newest is enough.
  const reports = host.received.slice(came).filter(isEvent('telemetry'));
  expect(reports.length).toBeLessThan(SILENT_MS / 5000);
});

it('thaws in time although its host does not read', async () => {
  const host = await connect();
  const id = host.request(Quiesce, { mountPoints: ['/data'], timeoutSeconds: 10 });
  expect(answerOf<QuiesceResponse>(Quiesce, await host.answer(id, PATIENT_MS)).success).toBe(true);
  host.socket.pause();
  const pings = Array.from({ length: 20_000 }, (_, sequence) => host.request(Ping, { sequence }));
  expect((await guest.run('timeout 1 touch /data/frozen')).status).not.toBe(0);
  await guest.ok('until timeout 5 touch /data/thawed; do sleep 1; done', PATIENT_MS);
  host.socket.resume();
  const last = await host.answer(pings.at(-1) as string, PATIENT_MS);
  expect(answerOf<PongResponse>(Ping, last).sequence).toBe(19_999);
});
