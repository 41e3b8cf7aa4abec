import { onTestFinished } from 'vitest';
import { AgentClient } from '../src/client.ts';
import type { AgentClientOptions } from '../src/options.ts';
import { ScriptedAgent } from './scripted-agent.ts';

export interface Connected {
  readonly agent: ScriptedAgent;
  readonly client: AgentClient;
}

/** A scripted agent and a client that is connected to it; both go away with the test. */
export async function connected(options: Partial<AgentClientOptions> = {}): Promise<Connected> {
  const agent = await ScriptedAgent.listen();
  const client = await AgentClient.connect({
    path: agent.path,
    reconnect: { minMs: 5, maxMs: 20 },
    ...options,
  });
  onTestFinished(() => client.close());
  await agent.until(() => agent.hosts.length === 1);
  return { agent, client };
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not reject');
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}
