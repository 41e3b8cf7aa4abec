import { existsSync } from 'node:fs';
import type { PluginContext } from '@limiquantix/plugin-sdk';
import type { InstalledPlugin } from './discover.ts';

/**
 * Whether it is time for a plugin's code, though nobody asked for it.
 * @param hosted a host was greeted already
 */
export function isDue(
  { manifest }: InstalledPlugin,
  { config }: PluginContext<unknown>,
  hosted: boolean,
): boolean {
  switch (manifest.activation) {
    case 'onStart':
      return true;
    case 'onConnect':
      return hosted;
    case 'onState':
      return isLeftBehind(config);
    default:
      return false;
  }
}

/** What a plugin notes in a file for the agent after it. */
function isLeftBehind(config: unknown): boolean {
  const { state_file: file } = config as { readonly state_file?: string };
  return file !== undefined && existsSync(file);
}
