import { type AnyMethod, PluginControl } from '@limiquantix/agent-proto';
import type { HookName, Hooks } from '@limiquantix/plugin-sdk';
import {
  copyTaps,
  createHooks,
  REQUEST_HOOKS,
  type RequestHooks,
  requestHooks,
} from '@limiquantix/plugin-sdk/host';
import type { Generation } from './generation.ts';
import { InUse } from './in-use.ts';

/** Hooks of the request's way, and those that the agent calls on all plugins at once. */
const SHARED: readonly HookName[] = [
  'connected',
  'capabilities',
  ...REQUEST_HOOKS,
  'freezing',
  'thawed',
];

/** Who answers what, and which hooks a request passes. Never changed, only replaced. */
export interface Pipeline {
  /** That pass it. */
  readonly calls: InUse;
  readonly hooks: Hooks;
  /** Those that a request passes. */
  readonly requestHooksOf: (method: AnyMethod) => RequestHooks;
  /** By method name. */
  readonly routes: ReadonlyMap<string, Generation>;
  readonly generations: readonly Generation[];
}

/**
 * Builds a pipeline of the plugins that are to serve. `core` adds the agent's own taps.
 * The registry sees to it that a method has one owner.
 */
export function buildPipeline(
  generations: readonly Generation[],
  core: (hooks: Hooks) => void,
): Pipeline {
  const routes = new Map<string, Generation>();
  const [hooks, own] = [createHooks(), createHooks()];
  core(hooks);
  core(own);
  for (const generation of generations) {
    for (const method of generation.plugin.manifest.handles) {
      routes.set(method, generation);
    }
    if (generation.active)
      for (const name of SHARED) copyTaps(generation.active.hooks, hooks, name);
  }
  const [all, vital] = [requestHooks(hooks), requestHooks(own)];
  const requestHooksOf = (method: AnyMethod) => (isVital(method) ? vital : all);
  return Object.freeze({ calls: new InUse(), hooks, requestHooksOf, routes, generations });
}

/**
 * What is always to be served passes the core's own taps alone: with a plugin's that throws or
 * hangs the agent would be out of reach, and the plugin could not even be disabled.
 */
function isVital(method: AnyMethod): boolean {
  return method.limit === 'none' || method === PluginControl;
}
