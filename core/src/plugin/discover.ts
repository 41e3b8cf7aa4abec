import {
  type Dirent,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { AgentError } from '@limiquantix/agent-proto';
import type { Logger } from '@limiquantix/plugin-sdk';
import {
  MANIFEST_SCHEMA,
  type Manifest,
  type PluginPackage,
  pluginNameOf,
  SDK_VERSION,
} from '@limiquantix/plugin-sdk/host';
import { explain } from '../config/explain.ts';
import { check, requireSchema } from '../config/json-schema.ts';
import { VERSION } from '../version.ts';

/** A plugin found on disk. Its code is not loaded by looking at it. */
export interface InstalledPlugin {
  readonly name: string;
  readonly version: string;
  readonly manifest: Manifest;
  /** Absolute path of its one CommonJS file. */
  readonly bundle: string;
  /** Where it was found, to read it again. */
  readonly dir: string;
  readonly thirdParty: boolean;
  /** Why it cannot run on this guest, whatever the configuration says. */
  readonly unsupported: string | undefined;
}

/** A folder that looks like a plugin and is none. */
export interface BrokenPlugin {
  readonly dir: string;
  /** As its package has it; where that cannot be told, as its folder. */
  readonly name: string;
  readonly error: AgentError;
}

export interface Discovery {
  /** In the order of their names. */
  readonly plugins: readonly InstalledPlugin[];
  readonly broken: readonly BrokenPlugin[];
}

/**
 * Reads the manifests of every plugin under the given directories. Of two plugins with
 * the same name the first directory's counts: a third party cannot replace a bundled one.
 */
export async function discoverPlugins(
  bundled: string,
  thirdParty: readonly string[],
): Promise<Discovery> {
  const plugins = new Map<string, InstalledPlugin>();
  const broken: BrokenPlugin[] = [];
  const attempt = async (dir: string, action: () => Promise<void>) => {
    try {
      await action();
    } catch (error) {
      broken.push({ dir, name: nameOf(dir), error: AgentError.from(error) });
    }
  };
  const take = async (dir: string, isThirdParty: boolean) => {
    const plugin = await readPlugin(dir, isThirdParty);
    if (plugins.has(plugin.name)) throw invalid(dir, `a plugin "${plugin.name}" exists already`);
    plugins.set(plugin.name, plugin);
  };
  for (const [index, parent] of [bundled, ...thirdParty].entries()) {
    await attempt(parent, async () => {
      for (const dir of foldersOf(parent)) await attempt(dir, () => take(dir, index > 0));
    });
  }
  const sorted = [...plugins.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { plugins: sorted, broken };
}

/** Says why folders that look like plugins are left out. */
export function tellBroken({ broken }: Discovery, log: Logger): void {
  for (const { dir, error } of broken) {
    log.error(`plugin ignored: ${error}`, { dir, resolution: error.resolution });
  }
}

/** @throws AgentError CONFIG_INVALID where the folder holds no plugin that can be trusted */
export async function readPlugin(dir: string, thirdParty: boolean): Promise<InstalledPlugin> {
  const file = join(dir, 'package.json');
  if (!existsSync(file)) throw invalid(file, 'does not exist');
  if (thirdParty) requireTrusted(file, dirname(dir));
  const found = await parsePackage(file);
  const bundle = join(dir, found.main);
  if (!bundle.startsWith(dir + sep))
    throw invalid(file, `main: ${found.main} is not in its folder`);
  if (!existsSync(bundle)) throw invalid(file, `main: ${found.main} does not exist`);
  const { limiquantix: manifest, version } = found;
  if (thirdParty) {
    requireTrusted(bundle, dir);
    await requireOwnSchema(manifest.config, file);
  }
  return {
    name: pluginNameOf(found.name),
    version,
    manifest,
    bundle,
    dir,
    thirdParty,
    unsupported: await unsupportedReason(manifest),
  };
}

function nameOf(dir: string): string {
  try {
    const { name } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    return pluginNameOf(String(name));
  } catch {
    return pluginNameOf(basename(dir));
  }
}

async function parsePackage(file: string): Promise<PluginPackage> {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw invalid(file, (cause as Error).message);
  }
  const problems = explain(await check(MANIFEST_SCHEMA, found));
  if (problems.length > 0) throw invalid(file, problems.map(({ text }) => text).join('; '));
  const valid = found as PluginPackage;
  if (!(await isVersion(valid.version))) throw invalid(file, `version: "${valid.version}" is none`);
  return valid;
}

async function unsupportedReason({ platforms, sdk }: Manifest): Promise<string | undefined> {
  if (!platforms.includes(process.platform)) {
    return `it runs on ${platforms.join(' and ')}, not on ${process.platform}`;
  }
  if (!(await takesThisSdk(sdk))) {
    return `it needs version ${sdk} of the plugin SDK, this agent has ${SDK_VERSION}`;
  }
  return undefined;
}

/** Most come with this agent, and then with its version: that says it without semver's 6 ms. */
async function isVersion(text: string): Promise<boolean> {
  return text === VERSION || (await import('semver')).valid(text) !== null;
}

async function takesThisSdk(range: string): Promise<boolean> {
  if (range === `^${SDK_VERSION}`) return true;
  return (await import('semver')).satisfies(SDK_VERSION, range);
}

/**
 * Whoever can write a plugin, or a folder on the way to it, is root in the guest.
 * @param top the folder that holds plugins
 */
function requireTrusted(file: string, top: string): void {
  if (process.platform === 'win32') return;
  const holder = realpathSync(top);
  let above = false;
  for (let path = realpathSync(file); ; path = dirname(path)) {
    const { uid, mode } = statSync(path);
    const isOurs = uid === 0 || uid === process.geteuid?.();
    // Above the plugins it may be as /tmp: there nobody takes away what is another's.
    const writable = (mode & 0o022) !== 0 && !(above && (mode & STICKY) !== 0);
    if (!isOurs || writable) throw untrusted(path);
    if (path === dirname(path)) return;
    above ||= path === holder;
  }
}

const STICKY = 0o1000;

function untrusted(path: string): AgentError {
  return new AgentError('CONFIG_INVALID', {
    detail: `${path} must belong to root and not be writable by others`,
    resolution: `chown root ${path} && chmod go-w ${path}`,
  });
}

/** A bad schema is this plugin's fault: it must not make the agent's configuration invalid. */
async function requireOwnSchema(schema: object, file: string): Promise<void> {
  try {
    await requireSchema(schema);
  } catch (cause) {
    throw invalid(file, `limiquantix.config: ${(cause as Error).message}`);
  }
}

function foldersOf(parent: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(parent, { withFileTypes: true });
  } catch (cause) {
    throw invalid(parent, (cause as Error).message, 'Make the folder, or correct plugin_dirs');
  }
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(parent, entry.name))
    .sort();
}

function invalid(
  file: string,
  reason: string,
  resolution = 'Correct the plugin, or move its folder out of plugin_dirs',
): AgentError {
  return new AgentError('CONFIG_INVALID', { detail: `${file}: ${reason}`, resolution });
}
