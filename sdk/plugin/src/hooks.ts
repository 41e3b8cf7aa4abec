import type { AgentError, GetCapabilitiesResponse } from '@limiquantix/agent-proto';
import type {
  AsyncSeriesBailHook,
  AsyncSeriesHook,
  AsyncSeriesWaterfallHook,
  SyncHook,
  SyncWaterfallHook,
} from 'tapable';
import type { Call, Session } from './call.ts';

/** How a call ended. */
export interface Outcome {
  /** Undefined: it succeeded. */
  readonly error: AgentError | undefined;
  readonly durationMs: number;
}

/** What GetCapabilities says, while taps may take from it. */
export type Capabilities = Pick<GetCapabilitiesResponse, 'capabilities' | 'features'>;

/**
 * Where plugins meet the agent. A tap is named after its plugin. The set belongs to one
 * pipeline: when a plugin is swapped a new set is made, and the old taps go with the old one.
 *
 * What is always served (ping, get_capabilities, thaw, cancel, list_plugins, plugin_control) does
 * not pass the plugins' `authorize`, `admit`, `request` and `response`.
 */
export interface Hooks {
  /**
   * The agent runs (with `onConnect`: and has greeted its first host; with `onState`: or the first
   * request came), or the plugin was swapped in. Take devices, ports and watchers here.
   */
  readonly started: AsyncSeriesHook<[]>;
  /** The agent stops. Runs in the reverse order of `started`. */
  readonly stopping: AsyncSeriesHook<[]>;
  /** A host connected, or says that it is new on its session. With `onConnect` not the first one. Must not throw. */
  readonly connected: SyncHook<[Session]>;
  /** May only remove capabilities and annotate features. */
  readonly capabilities: SyncWaterfallHook<[Capabilities]>;
  /** Before the request is decoded; the first error returned ends the call. */
  readonly authorize: AsyncSeriesBailHook<[Call], AgentError | undefined>;
  /** After decoding; the first error returned ends the call. Core sits at stage -100. */
  // biome-ignore lint/suspicious/noExplicitAny: the request's type follows from call.method
  readonly admit: AsyncSeriesBailHook<[any, Call], AgentError | undefined>;
  /** May clamp a request. Must return it. */
  // biome-ignore lint/suspicious/noExplicitAny: the request's type follows from call.method
  readonly request: AsyncSeriesWaterfallHook<[any, Call]>;
  /** May truncate or redact a response. Must return it. */
  // biome-ignore lint/suspicious/noExplicitAny: the response's type follows from call.method
  readonly response: AsyncSeriesWaterfallHook<[any, Call]>;
  /** May reword a failure, never turn it into success. */
  readonly failure: SyncWaterfallHook<[AgentError, Call]>;
  /** Exactly once for every call. */
  readonly settled: SyncHook<[Call, Outcome]>;
  /** Filesystems are about to be frozen: stop writing to disk before this returns. */
  readonly freezing: AsyncSeriesHook<[]>;
  /** They are writable again. */
  readonly thawed: SyncHook<[]>;
}

export type HookName = keyof Hooks;
