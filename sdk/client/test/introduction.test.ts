import { AgentReady, ErrorReason } from '@limiquantix/agent-proto';
import { expect, onTestFinished, test } from 'vitest';
import { CallTimeout } from '../src/call-timeout.ts';
import { AgentClient } from '../src/client.ts';
import { connected, rejection } from './connected.ts';
import { ScriptedAgent } from './scripted-agent.ts';

test('an agent that was not told of its host is asked who it is', async () => {
  const { agent, client } = await connected();
  agent.onIntroduction = ({ host, ...request }) => {
    host.emit(AgentReady, { version: '3' });
    host.answer(request, {});
  };
  await expect.poll(() => client.ready?.version).toBe('3');
  expect(agent.introductions).toHaveLength(1);
});

test('one that has said so is not', async () => {
  const { agent, client } = await connected();
  agent.host.emit(AgentReady, { version: '3' });
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(client.ready?.version).toBe('3');
  expect(agent.introductions).toEqual([]);
});

test('a program can wait for an agent that is not there yet, and for one that is', async () => {
  const agent = await ScriptedAgent.listen();
  await agent.stop();
  const client = new AgentClient({ path: agent.path, reconnect: { minMs: 5, maxMs: 20 } });
  onTestFinished(() => client.close());
  const greeting = client.whenReady();
  await expect.poll(() => client.lastError).toBeDefined();
  await agent.start();
  await agent.until(() => agent.hosts.length === 1);
  agent.host.emit(AgentReady, { version: '3' });
  expect((await greeting).version).toBe('3');
  expect((await client.whenReady()).version).toBe('3');
});

test('an agent that does not come is a timeout that says why', async () => {
  const client = new AgentClient({ path: '/nowhere/vm.agent.sock' });
  const late = await rejection(client.whenReady({ timeoutMs: 100 }));
  expect(CallTimeout.is(late)).toBe(true);
  expect(late).toMatchObject({ context: expect.stringContaining('/nowhere/vm.agent.sock') });
  const signal = AbortSignal.abort();
  const given = await rejection(client.whenReady({ signal }));
  expect(given).toMatchObject({ reason: ErrorReason.CANCELLED });
  const pending = rejection(client.whenReady());
  await client.close();
  expect(await pending).toMatchObject({ name: 'CONNECTION_LOST' });
  expect(await rejection(client.whenReady())).toMatchObject({ name: 'CONNECTION_LOST' });
});
