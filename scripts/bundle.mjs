// One self-contained CommonJS file for the core and for each plugin: what is installed
// in a guest, and what the plugin host compiles.
import { readdirSync } from 'node:fs';
import { build } from 'esbuild';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  legalComments: 'none',
  logLevel: 'warning',
  // Prefer the ESM builds of dependencies: only those can be tree-shaken.
  mainFields: ['module', 'main'],
  sourcemap: 'linked',
};

const plugins = readdirSync('plugins', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `plugins/${entry.name}`);

export async function bundleAll() {
  await Promise.all([
    build({
      ...common,
      entryPoints: ['core/src/main.ts'],
      outfile: 'core/dist/limiquantix-agent.cjs',
    }),
    ...plugins.map((dir) =>
      build({ ...common, entryPoints: [`${dir}/src/index.ts`], outfile: `${dir}/dist/plugin.cjs` }),
    ),
  ]);
}
