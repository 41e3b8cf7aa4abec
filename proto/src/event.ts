import type * as M from './gen/messages.ts';
import type { BulkField } from './method.ts';

declare const type: unique symbol;

/** A message that the agent sends unasked. */
export interface AgentEvent<T> {
  /** The payload's name in AgentMessage: `telemetry`. */
  readonly name: string;
  /** Field number in AgentMessage. */
  readonly field: number;
  /** Only the newest counts: an older one that was not sent yet is replaced. */
  readonly latestOnly: boolean;
  readonly bulk?: BulkField;
  readonly [type]?: T;
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where the messages' types do not matter
export type AnyEvent = AgentEvent<any>;

export type EventOf<T> = T extends AgentEvent<infer M> ? M : never;

// So a plugin's bundle has those that it uses, and no other.
/* @__NO_SIDE_EFFECTS__ */
function event<T>(
  name: string,
  field: number,
  options: Partial<AgentEvent<T>> = {},
): AgentEvent<T> {
  return Object.freeze({ name, field, latestOnly: false, ...options });
}

export const Telemetry: AgentEvent<M.TelemetryReport> = event('telemetry', 100, {
  latestOnly: true,
});
export const AgentReady: AgentEvent<M.AgentReadyEvent> = event('agent_ready', 101);
export const ErrorReport: AgentEvent<M.ErrorEvent> = event('error', 102);
export const ClipboardChanged: AgentEvent<M.ClipboardChangedEvent> = event(
  'clipboard_changed',
  103,
  {
    bulk: { name: 'data', number: 2 },
  },
);
export const PluginEmitted: AgentEvent<M.PluginEvent> = event('plugin_event', 110, {
  bulk: { name: 'payload', number: 3 },
});
export const PluginStateChanged: AgentEvent<M.PluginStateEvent> = event('plugin_state', 111);

export const EVENTS: readonly AnyEvent[] = [
  Telemetry,
  AgentReady,
  ErrorReport,
  ClipboardChanged,
  PluginEmitted,
  PluginStateChanged,
];
