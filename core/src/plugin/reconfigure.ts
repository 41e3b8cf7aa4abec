import { dirname } from 'node:path';
import { AgentError } from '@limiquantix/agent-proto';
import type { Configuration } from '../config/configuration.ts';
import type { Discovery, InstalledPlugin } from './discover.ts';
import type { PluginRegistry } from './registry.ts';

/** Two looks at what files and folders say, the latter of which is to count. */
export interface Change {
  readonly before: Configuration;
  readonly next: Configuration;
}

/**
 * Brings every plugin to what the configuration says and its folder holds now: what is new is brought up,
 * what is gone retired, what changed swapped. Each fails alone.
 */
export async function reconfigurePlugins(
  registry: PluginRegistry,
  change: Change,
  onError: (error: AgentError) => void,
): Promise<void> {
  const found = new Map(change.next.discovery.plugins.map((plugin) => [plugin.name, plugin]));
  const attempt = async (name: string, plugin: InstalledPlugin | undefined) => {
    try {
      if (plugin) await bringTo(registry, plugin, change);
      else if (isGone(registry.installed(name), change.next.discovery)) {
        await registry.uninstall(name);
      }
    } catch (thrown) {
      onError(AgentError.from(thrown));
    }
  };
  // Those that are gone first: what they answered may be another's now.
  for (const { name = '' } of registry.list()) {
    if (!found.has(name)) await attempt(name, undefined);
  }
  for (const [name, plugin] of found) await attempt(name, plugin);
}

async function bringTo(
  registry: PluginRegistry,
  plugin: InstalledPlugin,
  { before, next }: Change,
): Promise<void> {
  const { name } = plugin;
  const installed = registry.installed(name);
  const [did, does] = [isWanted(name, before), isWanted(name, next)];
  const [had, has] = [before.pluginSettings.get(name), next.pluginSettings.get(name)];
  if (installed && did && !does) await registry.disable(name);
  if (differ(installed, plugin) || differ(had, has)) await registry.install(plugin);
  if (!did && does) await registry.enable(name);
}

/** Whether the configuration has the plugin run. */
export function isWanted(name: string, { config, degraded, discovery }: Configuration): boolean {
  // In the minimal profile only thaw is served: by the plugin that has it, if one does.
  if (degraded) return name === 'quiesce';
  const provides = discovery.plugins.find((p) => p.name === name)?.manifest.provides ?? [];
  const isOff = (capability: string) => config.disabled_capabilities.includes(capability);
  // Also what is never asked for, such as telemetry, ends with its capability.
  if (provides.length > 0 && provides.every(isOff)) return false;
  return config.plugins[name]?.enabled ?? true;
}

/** It was not found, and nothing kept it from being found: one that cannot be read just now goes on. */
function isGone(plugin: InstalledPlugin | undefined, { broken }: Discovery): boolean {
  const dir = plugin?.dir ?? '';
  return broken.every((other) => other.dir !== dir && other.dir !== dirname(dir));
}

export function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
