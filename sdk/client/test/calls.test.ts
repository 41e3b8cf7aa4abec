import { getEventListeners } from 'node:events';
import {
  AgentError,
  Cancel,
  Execute,
  FileWrite,
  GetCapabilities,
  Ping,
} from '@limiquantix/agent-proto';
import { isMessageId } from '@limiquantix/agent-proto/codec';
import { expect, test } from 'vitest';
import { CallTimeout } from '../src/call-timeout.ts';
import { usualTimeoutMs } from '../src/usual-timeout.ts';
import { connected, rejection } from './connected.ts';
import type { Received } from './scripted-agent.ts';

test('a call resolves with its response', async () => {
  const { agent, client } = await connected();
  agent.reply(Ping, ({ sequence }) => ({ sequence, version: '1.2.3', uptimeSeconds: 7 }));
  expect(await client.call(Ping, { sequence: 5 })).toEqual({
    sequence: 5,
    version: '1.2.3',
    uptimeSeconds: 7,
  });
});

test('a thousand calls in flight get their own answers, in whatever order these come', async () => {
  const { agent, client } = await connected();
  const calls = Array.from({ length: 1000 }, (_, sequence) => client.call(Ping, { sequence }));
  await agent.until(() => agent.received.length === 1000);
  for (const received of shuffled(agent.received)) {
    received.host.answer(received, { sequence: received.request.sequence });
  }
  const answers = await Promise.all(calls);
  expect(answers.map((answer) => answer.sequence)).toEqual(calls.map((_, i) => i));
  const ids = new Set(agent.received.map((r) => r.id));
  expect(ids.size).toBe(1000);
  expect([...ids].every(isMessageId)).toBe(true);
});

test('a client can write the frames with the magic, and reads both forms', async () => {
  const { agent, client } = await connected({ framing: 'magic' });
  agent.on(Ping, (received) => {
    expect(received.host.dialect).toBe('magic');
    received.host.dialect = received.request.sequence === 1 ? 'plain' : 'magic';
    received.host.answer(received, { sequence: received.request.sequence });
  });
  expect((await client.call(Ping, { sequence: 1 })).sequence).toBe(1);
  expect((await client.call(Ping, { sequence: 2 })).sequence).toBe(2);
});

test('more calls than may be in flight wait for their turn, and too many are refused', async () => {
  const { agent, client } = await connected({ maxInFlight: 2 });
  const calls = Array.from({ length: 10 }, (_, sequence) => client.call(Ping, { sequence }));
  const refused = await rejection(client.call(Ping, {}));
  expect(refused).toMatchObject({ name: 'RATE_LIMIT_EXCEEDED', code: 8001 });

  let mostInFlight = 0;
  let answered = 0;
  const answerOne = () => {
    mostInFlight = Math.max(mostInFlight, agent.received.length - answered);
    const received = agent.received[answered++] as Received;
    received.host.answer(received, { sequence: received.request.sequence });
  };
  for (let i = 0; i < 10; i++) {
    await agent.until(() => agent.received.length > answered);
    answerOne();
  }
  expect((await Promise.all(calls)).map((c) => c.sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(mostInFlight).toBeLessThanOrEqual(2);
});

test('a call that is not answered in time rejects, the agent is told, a late answer is dropped', async () => {
  const { agent, client } = await connected();
  const error = await rejection(client.call(Execute, { command: 'sleep 99' }, { timeoutMs: 30 }));
  expect(CallTimeout.is(error)).toBe(true);
  expect(AgentError.is(error)).toBe(true);
  expect(String(error)).toContain('execute within 30 ms');
  await agent.until(() => agent.requests(Cancel).length === 1);
  const [execute] = agent.received as [Received];
  expect(agent.requests(Cancel)).toEqual([{ messageId: execute.id }]);

  execute.host.answer(execute, { exitCode: 0 });
  agent.reply(Ping, () => ({ sequence: 1 }));
  expect((await client.call(Ping, {})).sequence).toBe(1);
});

test('other errors are no timeouts', () => {
  expect(CallTimeout.is(new AgentError('READ_FAILED'))).toBe(false);
  expect(CallTimeout.is(undefined)).toBe(false);
});

test('a call that is aborted rejects at once and is cancelled in the guest', async () => {
  const { agent, client } = await connected();
  const abort = new AbortController();
  const call = client.call(Execute, { command: 'sleep 99' }, { signal: abort.signal });
  await agent.until(() => agent.received.length === 1);
  abort.abort();
  const error = await rejection(call);
  expect(AgentError.is(error)).toBe(true);
  expect(CallTimeout.is(error)).toBe(false);
  expect((error as Error).cause).toBe(abort.signal.reason);
  await agent.until(() => agent.requests(Cancel).length === 1);

  const early = await rejection(client.call(Ping, {}, { signal: abort.signal }));
  expect(AgentError.is(early)).toBe(true);
});

test("a signal's time limit is a timeout, and an AgentError as reason stays", async () => {
  const { client } = await connected();
  const slow = client.call(Ping, {}, { signal: AbortSignal.timeout(20) });
  expect(CallTimeout.is(await rejection(slow))).toBe(true);

  const abort = new AbortController();
  const stopped = client.call(Ping, {}, { signal: abort.signal });
  const reason = new AgentError('RATE_LIMIT_EXCEEDED');
  abort.abort(reason);
  expect(await rejection(stopped)).toBe(reason);
});

test('a signal keeps nothing of the calls that are answered', async () => {
  const { agent, client } = await connected();
  agent.reply(Ping, () => ({}));
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 50 }, () => client.call(Ping, {}, { signal })));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a call that is given up before its turn is never sent', async () => {
  const { agent, client } = await connected({ maxInFlight: 1 });
  const first = client.call(GetCapabilities, {});
  const second = await rejection(client.call(Ping, {}, { timeoutMs: 10 }));
  expect(CallTimeout.is(second)).toBe(true);
  await agent.until(() => agent.received.length === 1);
  agent.host.answer(agent.received[0] as Received, { version: '1' });
  await first;
  agent.reply(Ping, () => ({}));
  await client.call(Ping, { sequence: 9 });
  expect(agent.requests(Ping)).toEqual([{ sequence: 9 }]);
  expect(agent.requests(Cancel)).toEqual([]);
});

test('a request that cannot be encoded or is too long rejects and harms no other', async () => {
  const { agent, client } = await connected();
  agent.reply(Ping, () => ({}));
  // @ts-expect-error a caller without types
  const wrong = await rejection(client.call(Execute, { args: 7 }));
  expect(wrong).toMatchObject({ name: 'INVALID_MESSAGE' });
  const data = Buffer.alloc(16 * 1024 * 1024);
  const long = await rejection(client.call(FileWrite, { path: '/x', data }));
  expect(long).toMatchObject({ name: 'MESSAGE_TOO_LARGE' });
  await client.call(Ping, {});
  expect(agent.received.length).toBe(1);
});

function shuffled<T>(items: readonly T[]): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

test.each([
  [{}, 30_000],
  [{ timeoutSeconds: 0 }, 30_000],
  [{ timeoutSeconds: 10 }, 30_000],
  [{ timeoutSeconds: 3600 }, 3_605_000],
])('unless its caller says otherwise a call of %j has %d ms', (request, ms) => {
  expect(usualTimeoutMs(request)).toBe(ms);
});

test('each call has a deadline of its own', async () => {
  const { agent, client } = await connected();
  agent.reply(GetCapabilities, () => ({}));
  const late: number[] = [];
  const give = (timeoutMs: number) =>
    rejection(client.call(Ping, {}, { timeoutMs })).then((error) => {
      expect(CallTimeout.is(error)).toBe(true);
      late.push(timeoutMs);
    });
  const patient = rejection(client.call(Ping, {}, { timeoutMs: Number.POSITIVE_INFINITY }));
  // A timer that is set for the first one must become one for the others.
  const first = [give(2000), give(100), give(1000), give(0), give(Number.NaN)];
  await client.call(GetCapabilities, {});
  await Promise.all(first);
  expect(late.filter((ms) => ms > 0)).toEqual([100, 1000, 2000]);
  await give(50);
  await client.close();
  expect(await patient).toMatchObject({ name: 'CONNECTION_LOST' });
});
