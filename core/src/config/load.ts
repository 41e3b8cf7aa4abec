import { lstatSync } from 'node:fs';
import { AgentError, METHODS } from '@limiquantix/agent-proto';
import type { PluginPackage } from '@limiquantix/plugin-sdk/host';
import { Ajv } from 'ajv';
import type { Config } from './config.ts';
import { explain, type Problem, unknownKey } from './explain.ts';
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

export interface LoadOptions {
  /** Undefined: the platform's own place, which may be empty. */
  readonly file: string | undefined;
  /** Finds the plugins of the directories that the file names. */
  readonly discover: (dirs: readonly string[]) => readonly Configurable[];
}

/**
 * Reads and checks the whole configuration.
 * @throws AgentError CONFIG_LOAD_FAILED or CONFIG_INVALID, naming file, line and key
 */
export function loadConfig({ file, discover }: LoadOptions): LoadedConfig {
  const path = file ?? (isThere(paths.config) ? paths.config : undefined);
  const source = path === undefined ? undefined : readConfigSource(path);
  // A copy: filling in defaults must not show in what the file said.
  const config = structuredClone(source?.value ?? {}) as unknown as Config;
  const problems = validate(CONFIG_SCHEMA, config, []);
  const pluginSettings = new Map<string, Readonly<Record<string, unknown>>>();
  if (problems.length === 0) {
    const plugins = discover(config.plugin_dirs);
    problems.push(...unknownPlugins(config, plugins), ...unknownCapabilities(config, plugins));
    for (const plugin of plugins) {
      const settings = settingsOf(plugin, config);
      problems.push(...validate(plugin.manifest.config, settings, ['plugins', plugin.name]));
      pluginSettings.set(plugin.name, Object.freeze(settings));
    }
  }
  if (problems.length > 0) throw invalid(problems, source);
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
export function defaultConfig(): Config {
  const config = {};
  validate(CONFIG_SCHEMA, config, []);
  return config as Config;
}

/**
 * A plugin's settings as the configuration has them, with its defaults.
 * @throws AgentError CONFIG_INVALID where they do not fit its schema
 */
export function validSettings(
  plugin: Configurable,
  config: Config,
): Readonly<Record<string, unknown>> {
  const settings = settingsOf(plugin, config);
  const problems = validate(plugin.manifest.config, settings, ['plugins', plugin.name]);
  if (problems.length > 0) throw invalid(problems, undefined);
  return Object.freeze(settings);
}

let ajv: Ajv | undefined;

function validate(schema: object, value: unknown, prefix: readonly string[]): Problem[] {
  // One for all: making one takes ten milliseconds.
  ajv ??= new Ajv({
    useDefaults: true,
    allErrors: true,
    verbose: true,
    strict: false,
    addUsedSchema: false,
  });
  const check = ajv.compile(schema);
  // Manifests are read again and again; what was compiled of them must not pile up.
  ajv.removeSchema(schema);
  return check(value) ? [] : explain(check.errors ?? [], prefix);
}

function unknownPlugins(config: Config, plugins: readonly Configurable[]): Problem[] {
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

function settingsOf({ name, manifest }: Configurable, config: Config): Record<string, unknown> {
  const { enabled: _, ...settings } = { ...config.plugins[name] } as Record<string, unknown>;
  for (const [own, flat] of Object.entries(manifest.inherits)) {
    settings[own] ??= (config as unknown as Record<string, unknown>)[flat];
  }
  return structuredClone(settings);
}

function invalid(problems: readonly Problem[], source: ConfigSource | undefined): AgentError {
  const lines = problems.map(({ path, text }) =>
    source ? `${source.file}:${source.lineOf(path)}: ${text}` : text,
  );
  return new AgentError('CONFIG_INVALID', {
    detail: lines.join('\n'),
    resolution: 'Correct the file; limiquantix-agent --check-config shows what is left to do',
  });
}
