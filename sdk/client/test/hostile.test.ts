import { randomBytes } from 'node:crypto';
import {
  ErrorReport,
  FileRead,
  ListProcesses,
  Ping,
  PluginEmitted,
  Telemetry,
} from '@limiquantix/agent-proto';
import { responseCodec } from '@limiquantix/agent-proto/codec';
import { frameHeader } from '@limiquantix/agent-proto/frame';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BadAnswer } from '../src/bad-answer.ts';
import type { AgentClient } from '../src/client.ts';
import type { Logger } from '../src/log.ts';
import { connected, rejection } from './connected.ts';
import type { ScriptedAgent } from './scripted-agent.ts';

const KIB = 1024;

test('an answer that is too long fails its call at once, and only it', async () => {
  const { agent, client } = await connected({ maxMessageBytes: 64 * KIB });
  answerPings(agent);
  agent.reply(FileRead, () => ({ success: true, data: Buffer.alloc(100 * KIB) }));
  const failed = await rejection(client.call(FileRead, { path: '/f' }));
  expect(failed).toMatchObject({ name: 'MESSAGE_TOO_LARGE' });
  expect(BadAnswer.is(failed)).toBe(true);
  await works(client);
});

test('an answer of another type is a bad answer, an agent that finds a request invalid gives none', async () => {
  const { agent, client } = await connected();
  agent.on(FileRead, ({ id, host }) => host.answer({ id, method: Ping }, {}));
  const bad = await rejection(client.call(FileRead, { path: '/f' }));
  expect(bad).toMatchObject({ name: 'INVALID_MESSAGE' });
  expect(BadAnswer.is(bad)).toBe(true);
  agent.on(FileRead, (received) => received.host.errorEvent(received.id, 'QXGA-2001', 'no path'));
  const refused = await rejection(client.call(FileRead, { path: '' }));
  expect(refused).toMatchObject({ name: 'INVALID_MESSAGE' });
  expect(BadAnswer.is(refused)).toBe(false);
});

test.each([
  ['lengths of gigabytes', Buffer.alloc(64, 0xff)],
  ['empty frames', Buffer.alloc(400)],
  ['the magic and nothing behind it', Buffer.from('51545801'.repeat(9), 'hex')],
  ['a short frame of nonsense', framed(randomBytes(50))],
  ['text', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
])('%s cost only themselves', async (_, bytes) => {
  const { agent, client } = await connected();
  answerPings(agent);
  agent.host.socket.write(bytes);
  await works(client);
  await works(client);
});

test('after any garbage the next answers are found again', async () => {
  const { agent, client } = await connected();
  answerPings(agent);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2000 }), async (garbage) => {
      agent.host.socket.write(garbage);
      await works(client);
    }),
    // Some garbage announces a frame, which is waited for before it is given up.
    { numRuns: 25, endOnFailure: true, interruptAfterTimeLimit: 12_000 },
  );
});

test('half a frame is forgotten with its connection', async () => {
  const { agent, client } = await connected();
  answerPings(agent);
  agent.host.socket.write(framed(Buffer.alloc(5000)).subarray(0, 1000));
  await works(client).catch(() => undefined);
  agent.host.socket.destroy();
  await agent.until(() => agent.hosts.length === 2);
  while (client.state !== 'connected') await new Promise((resolve) => setTimeout(resolve, 2));
  await works(client);
});

test('answers nobody asked for, and requests, are nothing', async () => {
  const { agent, client } = await connected();
  answerPings(agent);
  for (let i = 0; i < 1000; i++) {
    agent.host.answer({ id: `stranger-${i}`, method: Ping }, { sequence: i });
    agent.host.send(`stranger-${i}`, 11, responseCodec(Ping), {});
    agent.host.send('', 77, responseCodec(Ping), {});
  }
  await works(client);
});

test('deep nesting and endless lists are refused where they are asked for, and unread elsewhere', async () => {
  const { agent, client } = await connected();
  answerPings(agent);
  const groups = Buffer.alloc(20_000, 0x7b);
  const empties = Buffer.from('1200'.repeat(200_000), 'hex');
  const events = client.events(PluginEmitted);
  for (const payload of [groups, empties]) {
    agent.host.emit(Telemetry, {});
    agent.host.sendBytes('event', Telemetry.field, payload);
    agent.host.sendBytes('event', PluginEmitted.field, payload);
    agent.on(ListProcesses, ({ id }) => agent.host.sendBytes(id, ListProcesses.response, payload));
    const failed = await rejection(client.call(ListProcesses, {}));
    expect(failed).toMatchObject({ name: 'INVALID_MESSAGE' });
    agent.on(ListProcesses, ({ id }) => agent.host.sendBytes(id, ErrorReport.field, payload));
    expect(await rejection(client.call(ListProcesses, {}))).toMatchObject({
      name: 'INVALID_MESSAGE',
    });
    await works(client);
  }
  agent.host.emit(PluginEmitted, { event: 'sane' });
  expect((await events.next()).value?.event).toBe('sane');
});

test.each([
  ['large', 60, 50 * KIB],
  ['small', 4000, 1],
])(
  'a flood of %s events is read slowly, and calls are answered through it',
  async (_, count, size) => {
    const { agent, client } = await connected({ maxMessageBytes: 64 * KIB });
    answerPings(agent);
    const began = performance.now();
    const payload = Buffer.alloc(size);
    for (let i = 0; i < count; i++) agent.host.emit(PluginEmitted, { event: `${i}`, payload });
    await works(client);
    // As much as 2.5 MB and more at 4 MiB a second, of which 128 KiB come at once.
    expect(performance.now() - began).toBeGreaterThan(400);
    await works(client);
  },
);

test('what was asked for is no flood', async () => {
  const faults: string[] = [];
  const { agent, client } = await connected({ maxMessageBytes: 64 * KIB, log: logger(faults) });
  agent.reply(FileRead, () => ({ success: true, data: Buffer.alloc(50 * KIB) }));
  const calls = Array.from({ length: 200 }, () => client.call(FileRead, { path: '/f' }));
  expect((await Promise.all(calls)).length).toBe(200);
  expect(faults).toEqual([]);
});

test('a guest cannot fill the log of the host', async () => {
  const lines: string[] = [];
  const { agent, client } = await connected({ log: logger(lines) });
  answerPings(agent);
  client.events(Telemetry);
  for (let i = 0; i < 500; i++) agent.host.sendBytes('e', Telemetry.field, Buffer.from([0xff]));
  await works(client);
  expect(lines.length).toBe(10);
  expect(lines.at(-1)).toContain('no more is logged');
});

/** Keeps what is worth a warning. */
function logger(lines: string[]): Logger {
  const keep = (message: string) => lines.push(message);
  const ignore = () => undefined;
  return { trace: ignore, debug: ignore, info: ignore, warn: keep, error: keep };
}

function answerPings(agent: ScriptedAgent): void {
  agent.reply(Ping, ({ sequence }) => ({ sequence }));
}

let sequence = 0;
async function works(client: AgentClient): Promise<void> {
  sequence++;
  expect((await client.call(Ping, { sequence }, { timeoutMs: 5000 })).sequence).toBe(sequence);
}

function framed(message: Uint8Array): Buffer {
  return Buffer.concat([frameHeader('plain', message.length), message]);
}
