import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { compileFunction } from 'node:vm';
import { AgentError } from '@limiquantix/agent-proto';
import type { Plugin } from '@limiquantix/plugin-sdk';
import { COMMON_JS_PARAMETERS, type CommonJs, fromCodeCache } from '../code-cache.ts';
import type { InstalledPlugin } from './discover.ts';

type Bundled = Pick<InstalledPlugin, 'bundle' | 'thirdParty'>;

/** Bundles that were compiled before. */
const compiled = new Set<string>();

/**
 * Runs a plugin's bundle. Unlike `import()` and `require()` this leaves nothing behind
 * once the exports are dropped, so a plugin can be swapped a thousand times.
 * @throws AgentError INTERNAL_ERROR where it cannot be read, compiled, or is no plugin
 */
export function compilePlugin(installed: Bundled): Plugin {
  const { bundle } = installed;
  try {
    const module = { exports: {} as { default?: unknown } };
    const run = compiledBefore(installed) ?? compile(bundle);
    run(module.exports, requireOf(installed), module, bundle, dirname(bundle));
    const plugin = module.exports.default ?? module.exports;
    if (!isPlugin(plugin)) throw new Error('its default export was not made by definePlugin');
    return plugin;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'what it throws is no Error';
    throw new AgentError('INTERNAL_ERROR', {
      detail: `${bundle} cannot be loaded: ${reason.split('\n', 1)[0]}`,
      resolution: 'Correct the plugin: it must be one CommonJS file, with all that it imports',
      cause,
    });
  }
}

/** Bundles of the agent hardly ever ask for what Node does not have itself. */
function requireOf({ bundle, thirdParty }: Bundled): (id: string) => unknown {
  return thirdParty ? createRequire(bundle) : (id) => createRequire(bundle)(id);
}

/**
 * Only those that came with the agent, and only for the first time: what V8 keeps of it outlives
 * the plugin.
 */
function compiledBefore({ bundle, thirdParty }: Bundled): CommonJs | undefined {
  if (thirdParty || compiled.has(bundle)) return undefined;
  compiled.add(bundle);
  return fromCodeCache(bundle);
}

function compile(bundle: string): CommonJs {
  return withoutCache(
    () =>
      compileFunction(readFileSync(bundle, 'utf8'), COMMON_JS_PARAMETERS, {
        filename: bundle,
      }) as CommonJs,
  );
}

/**
 * With V8's compilation cache every version of a plugin that ever ran would stay in memory.
 * Only meanwhile: Node's own modules load at half the speed under other flags than those that
 * their code was compiled with.
 */
function withoutCache<T>(compile: () => T): T {
  setFlagsFromString('--no-compilation-cache');
  try {
    return compile();
  } finally {
    setFlagsFromString('--compilation-cache');
  }
}

function isPlugin(value: unknown): value is Plugin {
  return typeof (value as Plugin | undefined)?.activate === 'function';
}
