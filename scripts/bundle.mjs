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
  metafile: true,
};

const plugins = readdirSync('plugins', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `plugins/${entry.name}`);

/**
 * @param place where the bundle of a package goes, given the package's folder
 * @param options of esbuild, besides the usual ones
 * @returns the agent's bundle, those of the plugins, and the paths of all that is in them
 */
export async function bundleAll(place = (dir) => `${dir}/dist`, options = {}) {
  const agent = `${place('core')}/limiquantix-agent.cjs`;
  const bundled = plugins.map((dir) => ({ dir, file: `${place(dir)}/plugin.cjs` }));
  const results = await Promise.all([
    build({
      ...common,
      ...options,
      entryPoints: ['core/src/main.ts'],
      outfile: agent,
      define: buildFacts(),
    }),
    ...bundled.map(({ dir, file }) =>
      build({ ...common, ...options, entryPoints: [`${dir}/src/index.ts`], outfile: file }),
    ),
  ]);
  const inputs = new Set(results.flatMap(({ metafile }) => included(metafile)));
  return { agent, plugins: bundled, inputs };
}

/** Without what was read and then found to be used by nothing. */
function included({ outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
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
