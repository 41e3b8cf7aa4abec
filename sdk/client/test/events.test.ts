import {
  AgentReady,
  ClipboardChanged,
  ErrorReport,
  Ping,
  PluginEmitted,
  Telemetry,
} from '@limiquantix/agent-proto';
import { expect, test } from 'vitest';
import { collect, connected, rejection } from './connected.ts';

const bytes = (size: number) => Buffer.alloc(size, 'x');

test('events come in order to everybody who wants them', async () => {
  const { agent, client } = await connected();
  const one = client.events(PluginEmitted);
  const two = client.events(PluginEmitted);
  const other = client.events(ClipboardChanged);
  for (const event of ['a', 'b', 'c']) agent.host.emit(PluginEmitted, { event });
  agent.host.emit(ClipboardChanged, { data: bytes(3) });
  for (const stream of [one, two]) {
    const names = [await stream.next(), await stream.next(), await stream.next()];
    expect(names.map((result) => result.value?.event)).toEqual(['a', 'b', 'c']);
  }
  expect((await other.next()).value?.data).toEqual(bytes(3));
});

test('a slow consumer loses the oldest', async () => {
  const { agent, client } = await connected();
  agent.reply(Ping, () => ({}));
  const stream = client.events(PluginEmitted, { buffer: 3 });
  for (let i = 0; i < 10; i++) agent.host.emit(PluginEmitted, { event: String(i) });
  await client.call(Ping, {});
  await client.close();
  expect(await names(stream)).toEqual(['7', '8', '9']);
});

test('large events are bounded by their size', async () => {
  const { agent, client } = await connected();
  agent.reply(Ping, () => ({}));
  const stream = client.events(PluginEmitted);
  const mega = 1024 * 1024;
  for (let i = 0; i < 8; i++)
    agent.host.emit(PluginEmitted, { event: `${i}`, payload: bytes(mega) });
  agent.host.emit(PluginEmitted, { event: 'too long', payload: bytes(5 * mega) });
  await client.call(Ping, {});
  await client.close();
  expect(await names(stream)).toEqual(['5', '6', '7']);
});

test('a stream survives a reconnect and ends with the client', async () => {
  const { agent, client } = await connected();
  const stream = client.events(AgentReady);
  agent.host.emit(AgentReady, { version: '1' });
  expect((await stream.next()).value?.version).toBe('1');
  const next = stream.next();
  await agent.stop();
  await agent.start();
  await agent.until(() => agent.hosts.length === 1);
  agent.host.emit(AgentReady, { version: '2' });
  expect((await next).value?.version).toBe('2');
  const last = stream.next();
  await client.close();
  expect(await last).toEqual({ done: true, value: undefined });
  expect(await client.events(AgentReady).next()).toEqual({ done: true, value: undefined });
});

test('leaving the loop, or a signal, ends a stream', async () => {
  const { agent, client } = await connected();
  const stop = new AbortController();
  const stopped = client.events(PluginEmitted, { signal: stop.signal });
  const left = client.events(PluginEmitted);
  agent.host.emit(PluginEmitted, { event: 'a' });
  agent.host.emit(PluginEmitted, { event: 'b' });
  for await (const { event } of left) {
    expect(event).toBe('a');
    break;
  }
  expect((await left.next()).done).toBe(true);
  await stopped.next();
  stop.abort();
  expect(await names(stopped)).toEqual(['b']);
  const never = client.events(PluginEmitted, { signal: stop.signal });
  expect((await never.next()).done).toBe(true);
});

test('an ErrorEvent that answers nothing is an event, and one for a call given up is not', async () => {
  const { agent, client } = await connected();
  const errors = client.events(ErrorReport);
  await rejection(client.call(Ping, {}, { timeoutMs: 5 }));
  await agent.until(() => agent.received.length > 0);
  agent.host.errorEvent(agent.received[0]?.id ?? '', 'QXGA-2002', 'too late');
  agent.host.errorEvent('some-id', 'QXGA-9002', 'degraded');
  agent.host.errorEvent('', 'QXGA-2001', 'garbage');
  expect((await errors.next()).value).toMatchObject({ code: 'QXGA-9002', message: 'degraded' });
  expect((await errors.next()).value).toMatchObject({ code: 'QXGA-2001' });
});

test('a report that does not decode, or is absurdly long, does not count', async () => {
  const { agent, client } = await connected();
  agent.reply(Ping, () => ({}));
  const stream = client.events(Telemetry);
  agent.host.emit(Telemetry, { processCount: 7 });
  agent.host.emit(Telemetry, { hostname: 'x'.repeat(300_000) });
  await client.call(Ping, {});
  expect(client.latestTelemetry?.report.processCount).toBe(7);

  agent.host.sendBytes('event-1', Telemetry.field, Buffer.from([0xff, 0xff]));
  await client.call(Ping, {});
  expect(client.latestTelemetry).toBeUndefined();
  agent.host.emit(Telemetry, { processCount: 8 });
  await client.call(Ping, {});
  expect(client.latestTelemetry?.report.processCount).toBe(8);
  const counts = [await stream.next(), await stream.next(), await stream.next()];
  expect(counts.map((result) => result.value?.processCount)).toEqual([7, 0, 8]);
});

test('the newest report counts, longer or shorter than the one before, and stays what it is', async () => {
  const { agent, client } = await connected();
  agent.reply(Ping, () => ({}));
  const reports: unknown[] = [];
  for (const length of [10, 5000, 4000, 1, 0, 2000]) {
    agent.host.emit(Telemetry, { hostname: 'x'.repeat(length) });
    await client.call(Ping, {});
    if (length !== 4000) reports.push(client.latestTelemetry?.report);
  }
  const lengths = reports.map((report) => (report as { hostname: string }).hostname.length);
  expect(lengths).toEqual([10, 5000, 1, 0, 2000]);
});

async function names(stream: AsyncIterable<{ readonly event: string }>): Promise<string[]> {
  return (await collect(stream)).map(({ event }) => event);
}
