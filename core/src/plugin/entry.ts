import { type Init, type PluginInfo, PluginState } from '@limiquantix/agent-proto';
import type { InstalledPlugin } from './discover.ts';
import type { Generation } from './generation.ts';

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
