import { crc32 } from 'node:zlib';
import { Execute, FileRead, FileWrite, Ping } from '@limiquantix/agent-proto';
import type { Dialect } from '@limiquantix/agent-proto/frame';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { frameOf, isEvent, RawHost } from '../support/raw-host.ts';
import { type Guest, restoreGuest } from './support/guest.ts';

const DIALECTS: readonly Dialect[] = ['plain', 'magic'];
const TIMES = 20;
/** Under emulation, on a busy machine. */
const PATIENT_MS = 60_000;
/** After this the agent gives up on what was begun. */
const PARTIAL_MS = 30_000;

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest({ gateway: false });
  await guest.ok('head -c 1000000 /dev/urandom >/data/random');
});
afterAll(() => guest.stop());

async function connect(): Promise<RawHost> {
  const host = await RawHost.connect(guest.socketPath, { strayBytes: true });
  onTestFinished(() => host.close());
  return host;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** As long as a client waits before it connects again. */
const away = () => pause(50 + 50 * Math.random());
const within = (size: number) => 1 + Math.floor(Math.random() * (size - 1));
const sent = (host: RawHost, bytes: Uint8Array) =>
  new Promise((resolve) => host.socket.write(bytes, resolve));

/** A host that finds the port as it ought to be: greeted, answered once, by its own ids alone. */
async function expectServed(round: string, dialect: Dialect): Promise<void> {
  const host = await connect();
  const ids = ['a', 'b', 'c'].map((name) => `new-${round}-${name}`);
  // A guest that did not run meanwhile has not seen that the last one left.
  for (const id of ids) host.request(Ping, { greet: true }, { id, dialect });
  for (const id of ids) await host.answer(id, PATIENT_MS);
  const answers = host.received.map(({ id }) => id).filter((id) => !id.startsWith('event-'));
  expect(answers).toEqual(ids);
  const first = host.received.findIndex(({ id }) => id === ids[0]);
  expect(host.received.slice(0, first).some(isEvent('agent_ready'))).toBe(true);
  host.close();
  await away();
}

it(`loses nothing but the request that its host left in the middle of, ${TIMES} times`, async () => {
  for (let round = 0; round < TIMES; round++) {
    const dialect = DIALECTS[round % 2] as Dialect;
    const frames = [
      frameOf(Execute, { command: `echo ${round} >>/data/whole` }, `old-${round}`, dialect),
      round % 4 < 2
        ? frameOf(Execute, { command: `echo ${round} >>/data/half` }, `cut-${round}`, dialect)
        : frameOf(
            FileWrite,
            { path: '/data/half', data: Buffer.alloc(200_000, 'x'), truncate: true },
            `cut-${round}`,
            dialect,
          ),
    ] as const;
    const cut = within(frames[1].length);
    const host = await connect();
    await sent(host, Buffer.concat([frames[0], frames[1].subarray(0, cut)]));
    // It is carried out; its answer may come too late for who asked.
    await host.answer(`old-${round}`, PATIENT_MS);
    host.close();
    await away();
    await expectServed(`${round}`, DIALECTS[(round >> 1) % 2] as Dialect);
  }
  const rounds = Array.from({ length: TIMES }, (_, round) => `${round}`).join('\n');
  expect(await guest.ok('cat /data/whole')).toBe(rounds);
  expect((await guest.run('test -e /data/half')).status).toBe(1);
});

it(`gives no host the answers of another that left while it read them, ${TIMES} times`, async () => {
  let strays = 0;
  for (let round = 0; round < TIMES; round++) {
    const dialect = DIALECTS[round % 2] as Dialect;
    const host = await connect();
    const read = { path: '/data/random', maxBytes: 250_000 };
    for (let i = 0; i < 4; i++) host.request(FileRead, read, { id: `old-${round}-${i}`, dialect });
    let left = within(900_000);
    await new Promise<void>((resolve) => {
      host.socket.on('data', (chunk) => {
        left -= chunk.length;
        if (left <= 0) resolve();
      });
    });
    host.close();
    await away();
    await expectServed(`${round}`, dialect);
    strays += host.faults.length;
  }
  console.log(`stray bytes came first to ${strays} of ${TIMES} hosts`);
});

it('never completes an upload with the bytes of the host that waited for the port', async () => {
  const data = Buffer.alloc(250_000, 'o');
  const old = frameOf(
    FileWrite,
    { path: '/data/victim', data, truncate: true, dataCrc32: crc32(data) },
    'old-upload',
  );
  const first = await connect();
  // A guest that did not run meanwhile has not seen that the last one left, and greets nobody.
  await first.answer(first.request(Ping, { greet: true }), PATIENT_MS);
  const second = await connect();
  // Enough to complete what the first one begins.
  second.request(FileWrite, { path: '/data/mine', data: Buffer.alloc(300_000, 'n') });
  await sent(first, old.subarray(0, within(old.length)));
  await pause(1000);
  first.close();
  const deadline = performance.now() + PARTIAL_MS + PATIENT_MS;
  let answered = false;
  for (let i = 0; !answered && performance.now() < deadline; i++) {
    const id = second.request(Ping, {}, { id: `alive-${i}` });
    answered = await second.answer(id, 2000).then(
      () => true,
      () => false,
    );
  }
  expect(answered).toBe(true);
  expect(await guest.ok("cat /data/victim 2>/dev/null | tr -d 'o' | wc -c")).toBe('0');
  second.close();
  await away();
  await expectServed('after', 'plain');
});
