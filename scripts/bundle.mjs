// One self-contained CommonJS file for the core and for each plugin: what is installed
// in a guest, and what the plugin host compiles.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
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
      define: buildFacts(),
    }),
    ...plugins.map((dir) =>
      build({ ...common, entryPoints: [`${dir}/src/index.ts`], outfile: `${dir}/dist/plugin.cjs` }),
    ),
  ]);
}

/** What the agent says about its own build; the commit's time, so that builds are reproducible. */
function buildFacts() {
  const { version } = JSON.parse(readFileSync('core/package.json', 'utf8'));
  return {
    LIMIQUANTIX_VERSION: JSON.stringify(version),
    LIMIQUANTIX_BUILD_TIME: JSON.stringify(git('log', '-1', '--format=%cI')),
    LIMIQUANTIX_BUILD_COMMIT: JSON.stringify(git('rev-parse', '--short=12', 'HEAD')),
  };
}

/** Empty where the source is not a checkout. */
function git(...args) {
  try {
    return execFileSync('git', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}
