import { lstatSync } from 'node:fs';
import { AgentError, METHODS } from '@limiquantix/agent-proto';
import type { PluginPackage } from '@limiquantix/plugin-sdk/host';
import type { Config } from './config.ts';
import { explain, type Problem, unknownKey } from './explain.ts';
import { check } from './json-schema.ts';
import { nearest } from './nearest.ts';
import { paths } from './paths.ts';
import { CONFIG_SCHEMA } from './schema.ts';
import { type ConfigSource, readConfigSource } from './source.ts';

/** A plugin whose settings the configuration may hold. */
export interface Configurable {
  readonly name: string;
  readonly manifest: PluginPackage['limiquantix'];
}

export interface LoadedConfig {
  /** The file; undefined where there is none and the defaults hold. */
  readonly file: string | undefined;
  readonly config: Config;
  /** Each plugin's settings: its own, else what it inherits, else its defaults. */
  readonly pluginSettings: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

interface Installed {
  readonly plugins: readonly Configurable[];
  /** Those that cannot be read: the file may have settings for them, which nobody can check. */
  readonly broken: readonly { readonly name: string }[];
}

export interface LoadOptions {
  /** Undefined: the platform's own place, which may be empty. */
  readonly file: string | undefined;
  /** Finds the plugins of the directories that the file names. */
  readonly discover: (dirs: readonly string[]) => Promise<Installed>;
}

/**
 * Reads and checks the whole configuration.
 * @throws AgentError CONFIG_LOAD_FAILED or CONFIG_INVALID, naming file, line and key
 */
export async function loadConfig({ file, discover }: LoadOptions): Promise<LoadedConfig> {
  const path = file ?? (isThere(paths.config) ? paths.config : undefined);
  const source = path === undefined ? undefined : await readConfigSource(path);
  // A copy: filling in defaults must not show in what the file said.
  const config = structuredClone(source?.value ?? {}) as unknown as Config;
  const problems = explain(await check(CONFIG_SCHEMA, config));
  const pluginSettings = new Map<string, Readonly<Record<string, unknown>>>();
  if (problems.length === 0) {
    const { plugins, broken } = await discover(config.plugin_dirs);
    problems.push(
      ...unknownPlugins(config, [...plugins, ...broken]),
      ...unknownCapabilities(config, plugins),
      ...endlessFreezes(config),
    );
    for (const plugin of plugins) {
      const { settings, problems: own } = await readSettings(plugin, config);
      problems.push(...own);
      pluginSettings.set(plugin.name, settings);
    }
  }
  if (problems.length > 0) throw await invalid(problems, source);
  return { file: path, config, pluginSettings };
}

/** Also one that cannot be looked at: to run without it would drop what it restricts. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/** The configuration of an agent without a file. */
export async function defaultConfig(): Promise<Config> {
  const config = {};
  await check(CONFIG_SCHEMA, config);
  return config as Config;
}

/**
 * A plugin's settings as the configuration has them, with its defaults.
 * @throws AgentError CONFIG_INVALID where they do not fit its schema
 */
export async function validSettings(
  plugin: Configurable,
  config: Config,
): Promise<Readonly<Record<string, unknown>>> {
  const { settings, problems } = await readSettings(plugin, config);
  if (problems.length > 0) throw await invalid(problems, undefined);
  return settings;
}

async function readSettings(
  plugin: Configurable,
  config: Config,
): Promise<{
  readonly settings: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}> {
  const settings = settingsOf(plugin, config);
  const errors = await check(plugin.manifest.config, settings);
  const problems = explain(errors, { prefix: ['plugins', plugin.name], besides: ['enabled'] });
  return { settings: Object.freeze(settings), problems };
}

function unknownPlugins(config: Config, plugins: Installed['broken']): Problem[] {
  const properties = Object.fromEntries(plugins.map(({ name }) => [name, true]));
  return Object.keys(config.plugins)
    .filter((name) => !Object.hasOwn(properties, name))
    .map((name) => unknownKey(['plugins', name], { properties }));
}

function unknownCapabilities(config: Config, plugins: readonly Configurable[]): Problem[] {
  const known = new Set([
    ...METHODS.flatMap((method) => method.capability ?? []),
    ...plugins.flatMap(({ manifest }) => manifest.provides),
  ]);
  return config.disabled_capabilities.flatMap((name, index) => {
    if (known.has(name)) return [];
    const meant = nearest(name, known);
    const hint = meant ? `did you mean ${meant}?` : `known: ${[...known].sort().join(', ')}`;
    const path = ['disabled_capabilities', String(index)];
    return [{ path, text: `disabled_capabilities: ${name} is not a capability; ${hint}` }];
  });
}

/** What a host can freeze it must be able to thaw: else only a time limit would end the freeze. */
function endlessFreezes({ disabled_capabilities: disabled }: Config): Problem[] {
  const index = disabled.indexOf('thaw');
  if (index < 0 || disabled.includes('quiesce')) return [];
  const path = ['disabled_capabilities', String(index)];
  const text =
    'disabled_capabilities: thaw can only be disabled together with quiesce, else no host could end a freeze; add quiesce, or remove thaw';
  return [{ path, text }];
}

/** What the configuration says about a plugin, before that is checked. */
export function settingsOf(
  { name, manifest }: Configurable,
  config: Config,
): Record<string, unknown> {
  const { enabled: _, ...settings } = { ...config.plugins[name] } as Record<string, unknown>;
  for (const [own, flat] of Object.entries(manifest.inherits)) {
    settings[own] ??= (config as unknown as Record<string, unknown>)[flat];
  }
  return structuredClone(settings);
}

async function invalid(
  problems: readonly Problem[],
  source: ConfigSource | undefined,
): Promise<AgentError> {
  const lines = await source?.linesOf(problems.map(({ path }) => path));
  const texts = problems.map(({ text }, index) =>
    source ? `${source.file}:${lines?.[index]}: ${text}` : text,
  );
  return new AgentError('CONFIG_INVALID', {
    detail: texts.join('\n'),
    resolution: 'Correct the file; limiquantix-agent --check-config shows what is left to do',
  });
}
