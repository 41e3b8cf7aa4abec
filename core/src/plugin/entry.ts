import { type Init, type PluginInfo, PluginState } from '@limiquantix/agent-proto';
import type { Logger } from '@limiquantix/plugin-sdk';
import type { InstalledPlugin } from './discover.ts';
import { answeredAlready, stackOf, textOf } from './errors.ts';
import { type Generation, Skipped } from './generation.ts';

/** A plugin of this agent and how it is. */
export interface Entry {
  plugin: InstalledPlugin;
  enabled: boolean;
  /** Undefined: disabled, unsupported, or failed. */
  generation: Generation | undefined;
  state: number;
  error: string;
  served: number;
  failed: number;
}

export function newEntry(plugin: InstalledPlugin, enabled: boolean): Entry {
  const state = plugin.unsupported ? PluginState.UNSUPPORTED : PluginState.DISABLED;
  const error = plugin.unsupported ?? '';
  return { plugin, enabled, generation: undefined, state, error, served: 0, failed: 0 };
}

/** It serves, or is ready to. */
export function settle(entry: Entry): void {
  entry.state = entry.generation?.active ? PluginState.ACTIVE : PluginState.READY;
  entry.error = '';
}

/** It does not run; the log says why. */
export function fail(entry: Entry, thrown: unknown, log: Logger): void {
  entry.generation = undefined;
  entry.error = textOf(thrown);
  const skipped = thrown instanceof Skipped;
  entry.state = skipped ? PluginState.UNSUPPORTED : PluginState.FAILED;
  const { name: plugin, version } = entry.plugin;
  const fields = { plugin, version, cause: skipped ? undefined : stackOf(thrown) };
  if (skipped) log.info(`plugin skipped: ${entry.error}`, fields);
  else log.error(`plugin failed: ${entry.error}`, fields);
}

/** @throws AgentError CONFIG_INVALID where another plugin answers one of its methods already */
export function requireOwnMethods(plugin: InstalledPlugin, entries: Iterable<Entry>): void {
  for (const { plugin: other, generation } of entries) {
    if (other.name === plugin.name || !generation) continue;
    const both = other.manifest.handles.filter((m) => plugin.manifest.handles.includes(m));
    if (both.length > 0) throw answeredAlready(other, plugin, both);
  }
}

/** What a host is told of it. */
export function infoOf({ plugin, state, error, served, failed }: Entry): Init<PluginInfo> {
  return {
    name: plugin.name,
    version: plugin.version,
    state,
    capabilities: plugin.manifest.provides,
    error,
    requestsServed: served,
    requestsFailed: failed,
    thirdParty: plugin.thirdParty,
  };
}

/** Why one without a generation answers nothing. */
export function whyIdle({ plugin, enabled, state, error }: Entry): string {
  if (!enabled) return `the plugin ${plugin.name} is disabled`;
  if (state === PluginState.FAILED) return `the plugin ${plugin.name} failed: ${error}`;
  return `the plugin ${plugin.name} does not run on this guest: ${error}`;
}
