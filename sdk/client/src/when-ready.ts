import {
  type AgentError,
  type AgentEvent,
  AgentReady,
  type AgentReadyEvent,
} from '@limiquantix/agent-proto';
import { CallTimeout } from './call-timeout.ts';
import { MAX_TIMER_MS } from './deadline-timer.ts';
import type { CallOptions, EventOptions } from './options.ts';
import { cancelled } from './pending.ts';
import { USUAL_TIMEOUT_MS } from './usual-timeout.ts';

/** What it needs of a client. */
interface Greeted {
  readonly ready: AgentReadyEvent | undefined;
  readonly lastError: AgentError | undefined;
  readonly state: string;
  events<T>(event: AgentEvent<T>, options: EventOptions): AsyncIterable<T>;
}

/** Waits for an agent to greet, through as many connections as that takes. */
export async function whenReady(
  client: Greeted,
  { signal, timeoutMs = USUAL_TIMEOUT_MS }: CallOptions,
): Promise<AgentReadyEvent> {
  if (signal?.aborted) throw cancelled(AgentReady.name, signal);
  if (client.ready) return client.ready;
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  const timer = setTimeout(onAbort, Math.min(timeoutMs, MAX_TIMER_MS));
  signal?.addEventListener('abort', onAbort);
  try {
    for await (const ready of client.events(AgentReady, { signal: stop.signal })) return ready;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
  if (signal?.aborted) throw cancelled(AgentReady.name, signal);
  const { state, lastError: cause } = client;
  if (state === 'closed') throw cause;
  throw new CallTimeout(`its host within ${timeoutMs} ms`, { cause, context: cause?.message });
}
