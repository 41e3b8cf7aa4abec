import { spawnSync } from 'node:child_process';
import { delimiter, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

/** The tools and the pinned Node of node_modules come first. */
export const env = {
  ...process.env,
  PATH: `${resolve('node_modules/.bin')}${delimiter}${process.env.PATH}`,
};

/**
 * Runs a command of the project to its end; leaves with its exit code where it fails.
 * @param options of spawnSync, and an `advice` for then
 */
export function run(command, args, { advice, ...options } = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env, ...options });
  if (error) throw error;
  if (status === 0) return;
  if (advice) console.error(advice);
  process.exit(status ?? 1);
}
