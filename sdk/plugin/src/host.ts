// What hosts a plugin: the agent's core, and the test host.
export { createHooks } from './create-hooks.ts';
export {
  type Activation,
  MANIFEST_SCHEMA,
  type Manifest,
  type PluginPackage,
  pluginNameOf,
} from './manifest.ts';
export { type RequestHooks, requestHooks } from './request-hooks.ts';
export { copyTaps, REQUEST_HOOKS, requireSync } from './taps.ts';
/** The version that a manifest's `sdk` range is matched against. */
export const SDK_VERSION = '1.0.0';
