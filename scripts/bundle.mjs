// CommonJS files: what is installed in a guest, and what the plugin host compiles. One for
// the core, one for each package that the core loads only now and then, one for each plugin.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { build } from 'esbuild';
import { codeCacheOf } from '../core/dist/code-cache.js';
import { precompile, validatorsOf } from '../core/precompile.mjs';
import { apart, replaced, unused } from './bundle-plugins.mjs';

/** Modules of Node that take milliseconds to load, and that an idle agent does not need. */
const LATER = [
  'child_process',
  'crypto',
  'fs/promises',
  'module',
  'readline',
  'timers/promises',
  'v8',
];

/**
 * Gives these as objects that load them when something of theirs is used. What is imported by
 * name is looked up only there. The others by the shorter way: `require` takes 50 us for each.
 */
const requireLater = `require=((load,later)=>id=>{
if(!later.has(id.replace("node:","")))return process.getBuiltinModule(id)??load(id);
let it;return new Proxy({},{get:(_,name)=>(it??=load(id))[name]})
})(require,new Set(${JSON.stringify(LATER)}));`;

/**
 * To Node these are getters of the global object, which V8 cannot see through at each use. The
 * module behind `performance` takes a millisecond of each start, and the same clock has another way:
 * with the same origin, for the agent tells how long it runs, and plugins of others have Node's own.
 */
const globals =
  'const{Buffer,process}=globalThis,performance=((read,uptime)=>{' +
  'const ms=()=>{const[s,ns]=read();return s*1e3+ns/1e6},origin=ms()-uptime()*1e3;' +
  'return{now:()=>ms()-origin}})(process.hrtime,process.uptime);';

/** What packages install as agent.yaml. */
const CONFIG_FILE = 'packaging/config/agent.yaml';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  legalComments: 'none',
  logLevel: 'warning',
  // Prefer the ESM builds of dependencies: only those can be tree-shaken.
  mainFields: ['module', 'main'],
  // Names stay, and lines: a stack trace in a log must lead somewhere.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 200,
  sourcemap: 'linked',
  metafile: true,
  define: { 'process.env.NODE_ENV': '"production"' },
  banner: { js: requireLater + globals },
};

const plugins = readdirSync('plugins', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `plugins/${entry.name}`);
const packages = plugins.map((dir) => JSON.parse(readFileSync(`${dir}/package.json`, 'utf8')));

/**
 * @param place where the bundle of a package goes, given the package's folder
 * @param options of esbuild, besides the usual ones
 * @returns the file that starts the agent, the agent itself, the packages beside it, the plugins,
 *   and the paths of all that is in them
 */
export async function bundleAll(place = (dir) => `${dir}/dist`, options = {}) {
  const program = `${place('core')}/limiquantix-agent.cjs`;
  const agent = `${place('core')}/main.cjs`;
  const bundled = plugins.map((dir) => ({ dir, file: `${place(dir)}/plugin.cjs` }));
  const bundle = (entry, outfile, more) => {
    // Of an older bundle.
    rmSync(codeCacheOf(outfile), { force: true });
    return build({ ...common, ...options, entryPoints: [entry], outfile, ...more });
  };
  const beside = apart([
    'core/src/config/read-yaml.ts',
    'core/src/config/validators.ts',
    'core/src/log/log-writer.ts',
  ]);
  const shared = [
    unused(),
    replaced('core/src/config/precompiled.ts', () => precompile(packages, CONFIG_FILE)),
    replaced('core/src/config/validators.ts', () => validatorsOf(packages)),
  ];
  const results = await Promise.all([
    bundle('core/src/boot.ts', program),
    bundle('core/src/main.ts', agent, {
      define: { ...common.define, ...buildFacts() },
      // `import()` of what is beside it becomes a `require()`: that loads in half the time.
      supported: { 'dynamic-import': false },
      plugins: [beside.plugin, ...shared],
    }),
    ...bundled.map(({ dir, file }) => bundle(`${dir}/src/index.ts`, file)),
  ]);
  const chunks = [...beside.entries].map(([name, entry]) => ({
    entry,
    file: `${dirname(agent)}/${name}.cjs`,
  }));
  const chunk = ({ entry, file }) => bundle(entry, file, { plugins: shared });
  results.push(...(await Promise.all(chunks.map(chunk))));
  const inputs = new Set(results.flatMap(({ metafile }) => included(metafile)));
  return { program, agent, beside: chunks.map(({ file }) => file), plugins: bundled, inputs };
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
