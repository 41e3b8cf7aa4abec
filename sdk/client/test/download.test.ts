import { randomBytes } from 'node:crypto';
import { AgentError, Cancel, FileRead, Ping } from '@limiquantix/agent-proto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DownloadOptions, Progress } from '../src/options.ts';
import { collect, connected, rejection } from './connected.ts';
import type { ScriptedAgent } from './scripted-agent.ts';
import { serveReads } from './scripted-files.ts';

test('a file comes in order, several chunks in flight', async () => {
  const { agent, client } = await connected();
  const content = randomBytes(1_000_000);
  const disorder = serveReads(agent, { content }, 30);
  const progress: Progress[] = [];
  const options = { chunkBytes: 10_000, onProgress: (p: Progress) => progress.push(p) };
  expect(await whole(client.download('/f', options))).toEqual(content);
  expect(disorder.mostInFlight).toBe(8);
  expect(progress.at(-1)).toEqual({ transferred: 1_000_000, total: 1_000_000 });
  expect(lastOffset(agent)).toBe(990_000);
});

test('the agent reads less at a time than it is asked for', async () => {
  const { agent, client } = await connected();
  const content = randomBytes(2_000_000);
  serveReads(agent, { content, mostBytes: 65_536 });
  expect(await whole(client.download('/f'))).toEqual(content);
  // Once it is known how much comes at a time, no byte is asked for twice.
  expect(agent.requests(FileRead).length).toBe(Math.ceil(2_000_000 / 65_536));
});

test('any file, any part of it, however it is cut', async () => {
  const { agent, client } = await connected();
  const content = randomBytes(30_000);
  const size = fc.integer({ min: 0, max: content.length });
  const option = fc.option(fc.integer({ min: 0, max: 35_000 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(
      size,
      fc.integer({ min: 100, max: 20_000 }),
      fc.integer({ min: 100, max: 20_000 }),
      fc.integer({ min: 1, max: 12 }),
      fc.boolean(),
      fc.nat(),
      option,
      async (bytes, chunkBytes, mostBytes, window, pseudo, start, length) => {
        const file = content.subarray(0, bytes);
        const offset = bytes === 0 ? 0 : start % (bytes + 1);
        serveReads(agent, { content: file, mostBytes, ...(pseudo ? { totalSize: 0 } : {}) });
        const got = await whole(client.download('/f', { chunkBytes, window, offset, length }));
        expect(got.equals(file.subarray(offset, offset + (length ?? bytes)))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test.each<[string, DownloadOptions]>([
  ['an empty file', {}],
  ['a file of no size, empty', { chunkBytes: 7 }],
])('%s has no chunks', async (_, options) => {
  const { agent, client } = await connected();
  serveReads(agent, { content: Buffer.alloc(0) });
  expect(await collect(client.download('/f', options))).toEqual([]);
  expect(agent.requests(FileRead).length).toBe(1);
});

test('a file of /proc, which says that it is empty, is read to its end', async () => {
  const { agent, client } = await connected();
  const content = randomBytes(10_000);
  serveReads(agent, { content, totalSize: 0, mostBytes: 1024 });
  const totals = new Set<number | undefined>();
  const onProgress = ({ total }: Progress) => totals.add(total);
  expect(await whole(client.download('/proc/f', { onProgress }))).toEqual(content);
  expect([...totals]).toEqual([undefined]);
});

test('a file of /sys, which says that it is larger, ends where it ends', async () => {
  const { agent, client } = await connected();
  serveReads(agent, { content: Buffer.from('up\n'), totalSize: 4096 });
  expect(String(await whole(client.download('/sys/f')))).toBe('up\n');
});

test('a file that was longer than its size when it was read', async () => {
  const { agent, client } = await connected();
  agent.reply(FileRead, () => ({ success: true, data: Buffer.alloc(100), totalSize: 10 }));
  const progress: Progress[] = [];
  const onProgress = (p: Progress) => progress.push(p);
  expect((await whole(client.download('/f', { chunkBytes: 100, onProgress }))).length).toBe(100);
  expect(progress).toEqual([{ transferred: 100, total: 100 }]);
});

test('a file that grows is read up to the size it had', async () => {
  const { agent, client } = await connected();
  const content = randomBytes(100_000);
  const file = { content };
  serveReads(agent, file);
  const chunks = client.download('/var/log/f', { chunkBytes: 10_000 });
  await chunks.next();
  file.content = Buffer.concat([content, randomBytes(50_000)]);
  const rest = await whole(chunks);
  expect(rest).toEqual(content.subarray(10_000));
});

test.each([25_000, 30_000, 0])('a file that shrinks to %i bytes is an error', async (size) => {
  const { agent, client } = await connected();
  const file = { content: randomBytes(100_000) };
  serveReads(agent, file);
  const chunks = client.download('/f', { chunkBytes: 10_000, window: 2 });
  await chunks.next();
  file.content = file.content.subarray(0, size);
  expect(await rejection(whole(chunks))).toMatchObject({ name: 'INVALID_OFFSET' });
});

test('a failure in the middle is the error, and what is in flight is cancelled', async () => {
  const { agent, client } = await connected();
  const content = randomBytes(100_000);
  agent.on(FileRead, (received) => {
    const offset = Number(received.request.offset);
    if (offset === 30_000) {
      received.host.answer(received, {}, new AgentError('FILE_ACCESS_DENIED'));
    } else if (offset < 30_000) {
      const data = content.subarray(offset, offset + 10_000);
      received.host.answer(received, { success: true, data, totalSize: 100_000 });
    }
  });
  const failed = await rejection(whole(client.download('/f', { chunkBytes: 10_000, window: 4 })));
  expect(failed).toMatchObject({ name: 'FILE_ACCESS_DENIED' });
  const unanswered = agent.received.filter((r) => r.request.offset > 30_000).map((r) => r.id);
  expect(unanswered.length).toBeGreaterThan(0);
  await agent.until(() => agent.requests(Cancel).length === unanswered.length);
  expect(agent.requests(Cancel).map((r) => r.messageId)).toEqual(unanswered);
});

test('a consumer that stops early cancels what is in flight', async () => {
  const { agent, client } = await connected();
  agent.reply(Ping, () => ({}));
  const data = randomBytes(1000);
  agent.on(FileRead, (received) => {
    if (received.request.offset === 0) {
      received.host.answer(received, { success: true, data, totalSize: 1_000_000 });
    }
  });
  const chunks = client.download('/f', { chunkBytes: 1000, window: 5 });
  await chunks.next();
  const waiting = rejection(chunks.next());
  await agent.until(() => agent.requests(FileRead).length === 6);
  await chunks.return?.();
  await waiting;
  await agent.until(() => agent.requests(Cancel).length === 5);
  expect((await chunks.next()).done).toBe(true);
});

test('a signal stops a download', async () => {
  const { agent, client } = await connected();
  const stop = new AbortController();
  const chunks = client.download('/f', { signal: stop.signal });
  const first = rejection(chunks.next());
  await agent.until(() => agent.requests(FileRead).length === 1);
  stop.abort(new AgentError('RATE_LIMIT_EXCEEDED'));
  expect(await first).toMatchObject({ name: 'RATE_LIMIT_EXCEEDED' });
  await agent.until(() => agent.requests(Cancel).length === 1);
});

test('a slow consumer holds no more than the window, of 4 MiB at the most', async () => {
  const { agent, client } = await connected();
  agent.reply(Ping, () => ({}));
  serveReads(agent, { content: Buffer.alloc(8 * 1024 * 1024) });
  const chunks = client.download('/f', { chunkBytes: 1024 * 1024, window: 100 });
  await chunks.next();
  await chunks.next();
  await chunks.next();
  await client.call(Ping, {});
  // The first, and four ahead of each of the others.
  expect(agent.requests(FileRead).length).toBe(1 + 4 + 1);
  await chunks.return?.();
});

test.each([
  ['more than was asked for', { data: Buffer.alloc(11), totalSize: 100 }],
  ['neither data nor the end', { data: Buffer.alloc(0), totalSize: 100 }],
])('an agent that answers with %s is not believed', async (_, answer) => {
  const { agent, client } = await connected();
  agent.reply(FileRead, () => ({ success: true, ...answer }));
  const chunks = client.download('/f', { chunkBytes: 10 });
  expect(await rejection(chunks.next())).toMatchObject({ name: 'INVALID_MESSAGE' });
  expect(agent.requests(FileRead).length).toBe(1);
});

test('a size beyond all numbers is only a number', async () => {
  const { agent, client } = await connected();
  agent.on(FileRead, (received) => {
    const data = Buffer.alloc(received.request.offset === 0 ? received.request.maxBytes : 0);
    const eof = data.length === 0;
    received.host.answer(received, { success: true, data, eof, totalSize: 2n ** 64n - 1n });
  });
  const failed = await rejection(whole(client.download('/f')));
  expect(failed).toMatchObject({ name: 'INVALID_OFFSET' });
});

test.each<DownloadOptions>([
  { chunkBytes: 0 },
  { window: 0 },
  { window: 1.5 },
  { offset: -1 },
  { length: Number.NaN },
])('%j is refused', async (options) => {
  const { client } = await connected();
  expect(() => client.download('/f', options)).toThrow(
    expect.objectContaining({ name: 'CONFIG_INVALID' }),
  );
});

function lastOffset(agent: ScriptedAgent): number {
  return Math.max(...agent.requests(FileRead).map((r) => Number(r.offset)));
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await collect(chunks));
}
