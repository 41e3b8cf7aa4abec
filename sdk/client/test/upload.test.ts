import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { AgentError, Cancel, FileWrite, GetCapabilities } from '@limiquantix/agent-proto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Progress, UploadOptions } from '../src/options.ts';
import { rechunk } from '../src/rechunk.ts';
import { collect, connected, rejection } from './connected.ts';
import type { ScriptedAgent } from './scripted-agent.ts';
import { serveWrites } from './scripted-files.ts';

const KIB = 1024;

test('a file is written, several chunks in flight', async () => {
  const { agent, client } = await connected();
  const file = serveWrites(agent, 64 * KIB, 30);
  const content = randomBytes(1_000_000);
  const progress: Progress[] = [];
  const options = {
    mode: 0o600,
    createParents: true,
    total: 1_000_000,
    onProgress: (p: Progress) => progress.push(p),
  };
  expect(await client.upload('/f', [content], options)).toEqual({ bytesWritten: 1_000_000 });
  expect(file.content?.equals(content)).toBe(true);
  expect(file.disorder.mostInFlight).toBe(8);
  expect(progress.at(-1)).toEqual({ transferred: 1_000_000, total: 1_000_000 });
  const [first, ...rest] = file.writes;
  expect(first).toMatchObject({
    path: '/f',
    offset: 0,
    truncate: true,
    mode: 0o600,
    createParents: true,
  });
  expect(rest.length).toBe(15);
  expect(
    rest.every((w) => !w.truncate && !w.createParents && w.mode === undefined && !w.sync),
  ).toBe(true);
  expect(agent.requests(GetCapabilities).length).toBe(1);
});

test('each chunk tells what its data adds up to', async () => {
  const { agent, client } = await connected();
  const file = serveWrites(agent, 64 * KIB);
  await client.upload('/f', [randomBytes(200_000)]);
  for (const { data, dataCrc32 } of file.writes) expect(dataCrc32).toBe(crc32(data));
  expect(file.writes).toHaveLength(4);
});

test('an empty source makes an empty file', async () => {
  const { agent, client } = await connected();
  const file = serveWrites(agent, 64 * KIB);
  expect(await client.upload('/f', [], { sync: true })).toEqual({ bytesWritten: 0 });
  expect(file.content?.length).toBe(0);
  expect(file.writes.length).toBe(1);
  expect(file.writes[0]).toMatchObject({ truncate: true, sync: true });
});

test('nothing is sent before the first chunk is answered, and sync goes when all others are', async () => {
  const { agent, client } = await connected();
  agent.reply(GetCapabilities, () => ({ maxChunkBytes: 4 * KIB }));
  const unanswered: number[] = [];
  const seen: { readonly sync: boolean; readonly unanswered: number }[] = [];
  agent.on(FileWrite, (received) => {
    seen.push({ sync: received.request.sync, unanswered: unanswered.length });
    unanswered.push(1);
    setTimeout(() => {
      unanswered.pop();
      received.host.answer(received, { success: true, bytesWritten: received.request.data.length });
    }, 3);
  });
  await client.upload('/f', [randomBytes(40 * KIB)], { sync: true, window: 3 });
  expect(seen.length).toBe(10);
  expect(seen[1]?.unanswered).toBe(0);
  expect(Math.max(...seen.map((s) => s.unanswered))).toBe(2);
  expect(seen.filter((s) => s.sync)).toEqual([{ sync: true, unanswered: 0 }]);
  expect(seen.at(-1)?.sync).toBe(true);
});

test('any content, however the source and the agent cut it', async () => {
  const { agent, client } = await connected();
  const content = randomBytes(60_000);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 12_000 }), { maxLength: 5 }),
      fc.integer({ min: 200, max: 10_000 }),
      fc.integer({ min: 1, max: 10 }),
      fc.boolean(),
      async (sizes, chunkBytes, window, sync) => {
        const pieces = cutAt(content, sizes);
        const file = serveWrites(agent, 64 * KIB);
        const whole = Buffer.concat(pieces);
        const { bytesWritten } = await client.upload('/f', stream(pieces), {
          chunkBytes,
          window,
          sync,
        });
        expect(bytesWritten).toBe(whole.length);
        expect(file.content?.equals(whole)).toBe(true);
        expect(file.writes.every((w) => w.data.length <= chunkBytes)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test('chunks are full, only the last is shorter', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 10 }),
      fc.integer({ min: 1, max: 12 }),
      async (pieces, size) => {
        const chunks = await collect(rechunk(stream(pieces), size));
        expect(Buffer.concat(chunks.map((c) => c.data))).toEqual(Buffer.concat(pieces));
        expect(chunks.map((c) => c.last)).toEqual(chunks.map((_, i) => i === chunks.length - 1));
        expect(chunks.slice(0, -1).every((c) => c.data.length === size)).toBe(true);
        expect(chunks.length === 1 || (chunks.at(-1)?.data.length ?? 0) > 0).toBe(true);
      },
    ),
  );
});

test('the first failure stops the upload, the source and what is in flight', async () => {
  const { agent, client } = await connected();
  agent.reply(GetCapabilities, () => ({ maxChunkBytes: 4 * KIB }));
  agent.on(FileWrite, (received) => {
    const offset = Number(received.request.offset);
    if (offset === 12 * KIB) received.host.answer(received, {}, new AgentError('DISK_FULL'));
    if (offset === 0) received.host.answer(received, { success: true, bytesWritten: 4 * KIB });
  });
  let returned = false;
  async function* source() {
    try {
      for (;;) yield randomBytes(4 * KIB);
    } finally {
      returned = true;
    }
  }
  const failed = await rejection(client.upload('/f', source(), { window: 3 }));
  expect(failed).toMatchObject({ name: 'DISK_FULL' });
  await agent.until(() => agent.requests(Cancel).length === 2);
  await until(() => returned);
});

test('a failure does not wait for a source that stalls', async () => {
  const { agent, client } = await connected();
  agent.reply(GetCapabilities, () => ({ maxChunkBytes: 4 * KIB }));
  agent.on(FileWrite, (received) => {
    const { truncate, data } = received.request;
    if (truncate) received.host.answer(received, { success: true, bytesWritten: data.length });
    else received.host.answer(received, {}, new AgentError('DISK_FULL'));
  });
  async function* source() {
    yield randomBytes(10 * KIB);
    await new Promise(() => undefined);
  }
  const failed = await rejection(client.upload('/f', source()));
  expect(failed).toMatchObject({ name: 'DISK_FULL' });
});

test('a signal stops an upload, also one whose source stalls', async () => {
  const { agent, client } = await connected();
  serveWrites(agent, 4 * KIB);
  const stop = new AbortController();
  async function* source() {
    yield randomBytes(10 * KIB);
    stop.abort();
    await new Promise(() => undefined);
  }
  const failed = await rejection(client.upload('/f', source(), { signal: stop.signal }));
  expect(AgentError.is(failed)).toBe(true);
  const early = await rejection(client.upload('/f', [], { signal: stop.signal }));
  expect(AgentError.is(early)).toBe(true);
});

test('a source that fails is the failure, and what is in flight is cancelled', async () => {
  const { agent, client } = await connected();
  answerFirstWrite(agent);
  const broken = new Error('the disk of the host is broken');
  async function* source() {
    yield randomBytes(10 * KIB);
    await agent.until(() => agent.requests(FileWrite).length === 2);
    throw broken;
  }
  expect(await rejection(client.upload('/f', source()))).toBe(broken);
  await agent.until(() => agent.requests(Cancel).length === 1);
  const text = ['text'] as unknown as Iterable<Uint8Array>;
  expect(await rejection(client.upload('/f', text))).toBeInstanceOf(TypeError);
});

test('a source is read only as fast as the agent writes', async () => {
  const { agent, client } = await connected();
  answerFirstWrite(agent);
  let yielded = 0;
  function* source() {
    for (; yielded < 1000; yielded++) yield randomBytes(4 * KIB);
  }
  const failed = rejection(client.upload('/f', source(), { window: 4 }));
  await agent.until(() => agent.requests(FileWrite).length === 5);
  await sleep(20);
  expect(agent.requests(FileWrite).length).toBe(5);
  expect(yielded).toBeLessThan(10);
  await client.close();
  expect(await failed).toMatchObject({ name: 'CONNECTION_LOST' });
});

test('an agent that wrote less than it was given has failed', async () => {
  const { agent, client } = await connected();
  agent.reply(GetCapabilities, () => ({ maxChunkBytes: 64 * KIB }));
  agent.reply(FileWrite, () => ({ success: true, bytesWritten: 3 }));
  const failed = await rejection(client.upload('/f', [Buffer.from('four')]));
  expect(String(failed)).toContain('3 of 4 bytes');
});

test.each([
  ['tells of no limit', { version: '0.1' }, 64 * KIB],
  ['takes long messages alone', { maxMessageBytes: 16 * 1024 * KIB }, 64 * KIB],
  ['takes short messages', { maxMessageBytes: 40 * KIB, maxChunkBytes: 64 * KIB }, 32 * KIB],
  ['takes long chunks', { maxMessageBytes: 4096 * KIB, maxChunkBytes: 1024 * KIB }, 512 * KIB],
  ['claims to take a byte', { maxChunkBytes: 1 }, 4 * KIB],
])('an agent that %s', async (_, capabilities, expected) => {
  const { agent, client } = await connected();
  const file = serveWrites(agent, 0);
  agent.reply(GetCapabilities, () => capabilities);
  await client.upload('/f', [randomBytes(600 * KIB)]);
  expect(file.writes[0]?.data.length).toBe(expected);
});

test('an agent that knows no get_capabilities takes what the oldest take', async () => {
  const { agent, client } = await connected();
  const file = serveWrites(agent, 0);
  agent.on(GetCapabilities, ({ id, host }) => host.errorEvent(id, 'QXGA-2002', 'unknown'));
  await client.upload('/f', [randomBytes(200 * KIB)]);
  expect(file.writes[0]?.data.length).toBe(64 * KIB);
});

test('a limit is asked for again after a reconnect', async () => {
  const { agent, client } = await connected();
  serveWrites(agent, 64 * KIB);
  await client.upload('/f', [randomBytes(10)]);
  const gone = once(agent.host.socket, 'close');
  agent.host.socket.destroy();
  await gone;
  await agent.until(() => agent.hosts.length === 2);
  await until(() => client.state === 'connected');
  await client.upload('/f', [randomBytes(10)]);
  expect(agent.requests(GetCapabilities).length).toBe(2);
});

test.each<UploadOptions>([{ chunkBytes: 0 }, { window: 0 }])('%j is refused', async (options) => {
  const { agent, client } = await connected();
  serveWrites(agent, 64 * KIB);
  const failed = await rejection(client.upload('/f', [], options));
  expect(failed).toMatchObject({ name: 'CONFIG_INVALID' });
});

/** Only the first chunk of an upload is answered; chunks have 4 KiB. */
function answerFirstWrite(agent: ScriptedAgent): void {
  agent.reply(GetCapabilities, () => ({ maxChunkBytes: 4 * KIB }));
  agent.on(FileWrite, (received) => {
    const { truncate, data } = received.request;
    if (truncate) received.host.answer(received, { success: true, bytesWritten: data.length });
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2);
}

async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

function cutAt(content: Buffer, sizes: readonly number[]): Buffer[] {
  let at = 0;
  return sizes.map((size) => {
    at += size;
    return content.subarray(at - size, at);
  });
}
