import { AgentReady, Ping } from '@limiquantix/agent-proto';
import { expect, test, vi } from 'vitest';
import { connected } from './connected.ts';

test('an agent that was not told of its host is asked who it is', async () => {
  const { agent, client } = await connected();
  agent.on(Ping, ({ host, ...request }) => {
    host.emit(AgentReady, { version: '3' });
    host.answer(request, {});
  });
  await vi.waitFor(() => expect(client.ready?.version).toBe('3'), { timeout: 10_000 });
  expect(agent.requests(Ping)).toMatchObject([{ greet: true }]);
});

test('one that has said so is not', async () => {
  const { agent, client } = await connected();
  agent.host.emit(AgentReady, { version: '3' });
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(client.ready?.version).toBe('3');
  expect(agent.requests(Ping)).toEqual([]);
});
