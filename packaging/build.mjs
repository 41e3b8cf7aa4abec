// Builds packages: `build.mjs deb|rpm|tar|all [--arch amd64|arm64] [--out DIR]`.
// Needs the project to be built, and runs on the Node.js that is packaged.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { codeCacheOf } from '../core/dist/code-cache.js';
import { bundleAll } from '../scripts/bundle.mjs';
import { makeCodeCaches } from '../scripts/code-cache.mjs';
import { root } from '../scripts/run.mjs';
import { changesOf, debianChangelog } from './changelog.mjs';
import { installedFiles } from './files.mjs';
import { buildDeb } from './formats/deb.mjs';
import { buildRpm } from './formats/rpm.mjs';
import { buildTarball } from './formats/tarball.mjs';
import { manualPage } from './man.mjs';
import { thirdPartyNotices } from './notices.mjs';
import { fetchRuntime } from './runtime/fetch.mjs';
import { fetchNativeModules, NATIVE_NOTICE } from './runtime/native.mjs';

const USAGE = 'build-packages.sh deb|rpm|tar|all [--arch amd64|arm64] [--out DIR]';
const FORMATS = { deb: buildDeb, rpm: buildRpm, tar: buildTarball };
const MACHINES = { x64: 'amd64', arm64: 'arm64' };
const NAME = 'limiquantix-guest-agent';
const MAINTAINER = 'Limiquantix <packages@limiquantix.example>';

/**
 * @typedef {object} PackageRequest What a format makes a package of.
 * @property {string} name
 * @property {string} version
 * @property {'amd64' | 'arm64'} arch
 * @property {string} maintainer name and address
 * @property {number} time of everything, in seconds
 * @property {readonly string[]} changes of this version
 * @property {readonly import('./files.mjs').InstalledFile[]} files
 * @property {string} out the folder to write to
 */

const { formats, arch, out } = parseCommandLine();
const { version } = JSON.parse(readFileSync('core/package.json', 'utf8'));
const time = sourceDate();
mkdirSync(out, { recursive: true });
const { inputs, ...parts } = await bundle();
const runtime = fetchRuntime(arch);
const native = fetchNativeModules(arch);
const changes = changesOf(readFileSync('CHANGELOG.md', 'utf8'), version);
const release = { name: NAME, version, arch, maintainer: MAINTAINER, time, changes };

for (const format of formats) {
  const began = performance.now();
  const file = await FORMATS[format]({
    ...release,
    out,
    files: installedFiles(format, {
      ...parts,
      runtime: runtime.node,
      native,
      notices: thirdPartyNotices(
        [...inputs, NATIVE_NOTICE],
        format === 'tar' ? undefined : runtime,
      ),
      changelog: debianChangelog(release),
    }),
  });
  const megabytes = (statSync(file).size / 1e6).toFixed(1);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${file}  ${megabytes} MB, ${seconds} s`);
}

function parseCommandLine() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { arch: { type: 'string' }, out: { type: 'string' } },
    });
    const [wanted = ''] = positionals;
    const formats = wanted === 'all' ? Object.keys(FORMATS) : [wanted];
    const arch = values.arch ?? MACHINES[process.arch];
    if (positionals.length !== 1 || !Object.hasOwn(FORMATS, formats[0])) throw new Error(USAGE);
    if (!Object.values(MACHINES).includes(arch)) throw new Error(USAGE);
    return { formats, arch, out: resolve(values.out ?? join(root, 'packaging/dist')) };
  } catch (error) {
    console.error(error.message);
    if (error.message !== USAGE) console.error(USAGE);
    process.exit(2);
  }
}

/** Of every file and in every header: the same source gives the same bytes. */
function sourceDate() {
  const given = process.env.SOURCE_DATE_EPOCH;
  const time = given ?? execFileSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' });
  if (!/^\d+\s*$/.test(time)) throw new Error(`SOURCE_DATE_EPOCH is "${time}", not seconds`);
  return Number(time);
}

/** The agent and its plugins as they are installed, and what the agent says about itself. */
async function bundle() {
  const work = mkdtempSync(join(tmpdir(), 'limiquantix-bundles-'));
  try {
    const bundles = await bundleAll((dir) => join(work, dir), {
      sourcemap: false,
    });
    const { inputs, program, agent, beside } = bundles;
    const plugins = bundles.plugins.map(({ dir, file }) => {
      const manifest = installedManifest(join(dir, 'package.json'));
      writeFileSync(join(dirname(file), 'package.json'), manifest);
      return { name: basename(dir), manifest, file };
    });
    // What a machine of another architecture would make is not for this one.
    if (MACHINES[process.arch] === arch) makeCodeCaches(agent);
    const help = execFileSync(process.execPath, [program, '--help'], { encoding: 'utf8' });
    const date = new Date(time * 1000).toISOString().slice(0, 10);
    return {
      inputs,
      core: [program, agent, ...beside].map((file) => ({ name: basename(file), ...builtAs(file) })),
      plugins: plugins.map(({ file, ...plugin }) => ({ ...plugin, ...builtAs(file) })),
      manual: manualPage(help, { version, date }),
    };
  } finally {
    rmSync(work, { recursive: true });
  }
}

function builtAs(file) {
  const cache = codeCacheOf(file);
  return {
    bundle: readFileSync(file),
    codeCache: existsSync(cache) ? readFileSync(cache) : undefined,
  };
}

/** What the agent reads of a package. */
function installedManifest(file) {
  const { name, version, limiquantix } = JSON.parse(readFileSync(file, 'utf8'));
  return Buffer.from(
    `${JSON.stringify({ name, version, main: 'plugin.cjs', limiquantix }, null, 2)}\n`,
  );
}
