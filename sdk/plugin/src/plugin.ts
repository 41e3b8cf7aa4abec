import type { AgentEvent, Init } from '@limiquantix/agent-proto';
import type { Call } from './call.ts';
import type { Handler } from './handler.ts';
import type { Hooks } from './hooks.ts';
import type { Logger } from './log.ts';

/** What the agent tells a plugin about itself. */
export interface AgentFacts {
  readonly version: string;
  /** The longest message that either side may send. */
  readonly maxMessageBytes: number;
  /** `max_chunk_size` of the configuration: the default size of a file chunk. */
  readonly maxChunkBytes: number;
}

/** Tells the agent that filesystems are frozen; for the plugin that freezes them. */
export interface FreezeGate {
  /**
   * From now on only ping, get_capabilities, thaw and cancel are served. Waits for the file
   * operations that run, two seconds at most, and runs the `freezing` hooks; then the log is
   * kept in memory.
   * @param thaw makes the filesystems writable again: an agent that stops calls it first
   */
  close(thaw: () => Promise<void>): Promise<void>;
  /** Runs the `thawed` hooks and serves everything again. */
  open(): void;
}

/** What a plugin is given when it is activated. */
export interface PluginContext<Config> {
  readonly name: string;
  readonly version: string;
  /** Its settings: checked against the manifest's schema, defaults filled in, frozen. */
  readonly config: Config;
  readonly log: Logger;
  readonly agent: AgentFacts;
  /** Whether a host is connected: nobody needs to gather what nobody gets. */
  readonly listening: () => boolean;
  /** Sends an event to every connected host, or to one session. */
  readonly emit: <T>(event: AgentEvent<T>, message: Init<T>, sessionId?: string) => void;
  readonly freezeGate: FreezeGate;
}

/** A method of a third-party plugin, reached through `plugin_call`. */
export type PluginMethod = (payload: Uint8Array, call: Call) => Uint8Array | Promise<Uint8Array>;

/**
 * What a plugin adds. Data and functions: nothing takes effect until the agent has
 * checked all of it against the manifest.
 */
export interface Contribution {
  /** Exactly the methods that the manifest's `handles` names. */
  readonly handlers?: readonly Handler[];
  /** Exactly the methods that the manifest's `methods` names. */
  readonly methods?: Readonly<Record<string, PluginMethod>>;
  /** Adds taps, which are there from the plugin's `activation` on: not for `onRequest`. */
  readonly tap?: (hooks: Hooks) => void;
  /** Gives back what it holds; runs once, after the last call that it answers or taps. */
  readonly dispose?: () => void | Promise<void>;
}

export type Activate<Config> = (
  context: PluginContext<Config>,
) => Contribution | Skip | Promise<Contribution | Skip>;

/** A plugin's default export. */
export interface Plugin<Config = unknown> {
  readonly activate: Activate<Config>;
}

/**
 * Defines a plugin: the default export of its bundle.
 * `Config` is the shape that the manifest's schema describes.
 */
export function definePlugin<Config>(activate: Activate<Config>): Plugin<Config> {
  return { activate };
}

/** "Not on this guest", which is no failure. Returned by activate. */
export interface Skip {
  readonly skip: string;
}

/** @param reason what this guest does not have, for an operator to read */
export function Skip(reason: string): Skip {
  return { skip: reason };
}
