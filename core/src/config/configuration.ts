import { AgentError } from '@limiquantix/agent-proto';
import type { Arguments } from '../arguments.ts';
import { type Discovery, discoverPlugins, type InstalledPlugin } from '../plugin/discover.ts';
import type { Config } from './config.ts';
import { defaultConfig, loadConfig, validSettings } from './load.ts';
import { bundledPluginDir } from './paths.ts';

/** Everything that files and command line say about how the agent is to run. */
export interface Configuration {
  readonly config: Config;
  readonly file: string | undefined;
  readonly discovery: Discovery;
  readonly pluginSettings: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Why only the minimal profile runs: the file cannot be used as it is. */
  readonly degraded: AgentError | undefined;
}

type Overrides = Pick<Arguments, 'config' | 'device' | 'logLevel'>;

/**
 * @param bundled where the agent's own plugins are
 * @throws AgentError CONFIG_LOAD_FAILED or CONFIG_INVALID
 */
export async function readConfiguration(
  overrides: Overrides,
  bundled: string = bundledPluginDir(),
): Promise<Configuration> {
  let discovery: Discovery = { plugins: [], broken: [] };
  const { config, file, pluginSettings } = await loadConfig({
    file: overrides.config,
    discover: async (dirs) => {
      discovery = await discoverPlugins(bundled, dirs);
      return discovery;
    },
  });
  return {
    config: overridden(config, overrides),
    file,
    discovery,
    pluginSettings,
    degraded: undefined,
  };
}

/**
 * As {@link readConfiguration}, but a file that cannot be used gives the minimal profile:
 * running without its security section would be worse than hardly running.
 */
export async function readOrDegrade(
  overrides: Overrides,
  bundled: string = bundledPluginDir(),
): Promise<Configuration> {
  try {
    return await readConfiguration(overrides, bundled);
  } catch (thrown) {
    const degraded = AgentError.from(thrown);
    const config = overridden(await defaultConfig(), overrides);
    const discovery = await discoverPlugins(bundled, []);
    return { config, file: overrides.config, discovery, pluginSettings: new Map(), degraded };
  }
}

/**
 * A plugin's settings. One that was replaced on disk since has its own schema and defaults,
 * and in the minimal profile nothing was read.
 * @throws AgentError CONFIG_INVALID where what the configuration says does not fit it
 */
export async function settingsFor(
  plugin: InstalledPlugin,
  { config, discovery, pluginSettings }: Configuration,
): Promise<Readonly<Record<string, unknown>>> {
  const known = discovery.plugins.includes(plugin) && pluginSettings.get(plugin.name);
  return known || validSettings(plugin, config);
}

function overridden(config: Config, { device, logLevel }: Overrides): Config {
  return Object.freeze({
    ...config,
    device_path: device ?? config.device_path,
    log_level: logLevel ?? config.log_level,
  });
}
