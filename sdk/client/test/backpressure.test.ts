import { Cancel, Execute, FileWrite, Ping } from '@limiquantix/agent-proto';
import { expect, test } from 'vitest';
import { CallTimeout } from '../src/call-timeout.ts';
import { connected, rejection } from './connected.ts';

const MIB = 1024 * 1024;

test('a ping overtakes the bulk that the agent is slow to read', async () => {
  const { agent, client } = await connected();
  agent.reply(FileWrite, ({ data }) => ({ success: true, bytesWritten: data.length }));
  agent.reply(Ping, () => ({}));
  agent.host.socket.pause();
  const data = Buffer.alloc(MIB);
  const writes = Array.from({ length: 20 }, () => client.call(FileWrite, { path: '/f', data }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const ping = client.call(Ping, {});
  agent.host.socket.resume();
  await Promise.all([...writes, ping]);
  const place = agent.received.findIndex((r) => r.method === Ping);
  expect(place).toBeLessThanOrEqual(2);
  expect(agent.received.length).toBe(21);
});

test('what is given up while the agent reads nothing is not done when it reads again', async () => {
  const { agent, client } = await connected();
  agent.reply(Ping, () => ({}));
  agent.host.socket.pause();
  const stuck = client.call(
    FileWrite,
    { path: '/f', data: Buffer.alloc(4 * MIB) },
    { timeoutMs: 60 },
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  const late = client.call(Execute, { command: 'reboot' }, { timeoutMs: 20 });
  const errors = await Promise.all([rejection(stuck), rejection(late)]);
  expect(errors.every(CallTimeout.is)).toBe(true);
  agent.host.socket.resume();
  await client.call(Ping, {});
  expect(agent.requests(FileWrite).length).toBe(1);
  expect(agent.requests(Cancel)).toEqual([{ messageId: agent.received[0]?.id }]);
  expect(agent.requests(Execute)).toEqual([]);
});

test('what the agent does not take is refused before it fills memory', async () => {
  const { agent, client } = await connected();
  agent.reply(Ping, () => ({}));
  agent.reply(FileWrite, ({ data }) => ({ success: true, bytesWritten: data.length }));
  agent.host.socket.pause();
  const data = Buffer.alloc(15 * MIB);
  const leave = new AbortController();
  const write = (signal?: AbortSignal) => client.call(FileWrite, { path: '/f', data }, { signal });
  const given = Array.from({ length: 3 }, () => rejection(write(leave.signal)));
  const kept = write();
  expect(await rejection(write())).toMatchObject({ name: 'RATE_LIMIT_EXCEEDED' });
  // A call that is given up makes room, and small ones have room all the time.
  leave.abort();
  await Promise.all(given);
  const later = write();
  const ping = client.call(Ping, {});
  agent.host.socket.resume();
  await Promise.all([kept, later, ping]);
});
