import type { AgentError } from '@limiquantix/agent-proto';
import {
  AsyncSeriesBailHook,
  AsyncSeriesHook,
  AsyncSeriesWaterfallHook,
  SyncHook,
  SyncWaterfallHook,
} from 'tapable';
import type { Call, Session } from './call.ts';
import type { Capabilities, Hooks, Outcome } from './hooks.ts';

/** A fresh, empty set of hooks: for one pipeline, or for one test. */
export function createHooks(): Hooks {
  return Object.freeze({
    started: new AsyncSeriesHook<[]>([], 'started'),
    stopping: new AsyncSeriesHook<[]>([], 'stopping'),
    connected: new SyncHook<[Session]>(['session'], 'connected'),
    capabilities: new SyncWaterfallHook<[Capabilities]>(['capabilities'], 'capabilities'),
    authorize: new AsyncSeriesBailHook<[Call], AgentError | undefined>(['call'], 'authorize'),
    admit: new AsyncSeriesBailHook<[unknown, Call], AgentError | undefined>(
      ['request', 'call'],
      'admit',
    ),
    request: new AsyncSeriesWaterfallHook<[unknown, Call]>(['request', 'call'], 'request'),
    response: new AsyncSeriesWaterfallHook<[unknown, Call]>(['response', 'call'], 'response'),
    failure: new SyncWaterfallHook<[AgentError, Call]>(['error', 'call'], 'failure'),
    settled: new SyncHook<[Call, Outcome]>(['call', 'outcome'], 'settled'),
    freezing: new AsyncSeriesHook<[]>([], 'freezing'),
    thawed: new SyncHook<[]>([], 'thawed'),
  });
}
