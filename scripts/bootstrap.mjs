// Installs and builds what is missing, and nothing where nothing is: a second start on a
// built tree costs a look at the files' times. Runs on any Node from 20 on.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

const INSTALLED = 'node_modules/.limiquantix-installed';
const BUILT = 'node_modules/.limiquantix-built';

export function install() {
  const wanted = digest([readFileSync('package-lock.json')]);
  if (matches(INSTALLED, wanted)) return;
  console.log('Installing dependencies ...');
  // What package-lock.json says, as `npm ci` would, which empties node_modules first: where the
  // registry is away, nothing would be left to work with.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    shell: process.platform === 'win32',
    advice: `The dependencies were not installed; what was installed before is as it was.
See whether npm reaches its registry: npm ping`,
  });
  writeFileSync(INSTALLED, wanted);
}

export function build() {
  const wanted = digest([...sources()].sort());
  if (matches(BUILT, wanted)) return;
  console.log('Building ...');
  // The pinned Node, which bundler and compiler are meant for.
  run('node', ['scripts/build.mjs']);
  writeFileSync(BUILT, wanted);
}

/** Path, size and time of every file that the build reads. */
function* sources(dir = '.') {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (/^(\.|node_modules$|dist$|run$|docs$|test$)/.test(entry.name)) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(ts|json|[cm]js|proto)$/.test(entry.name)) {
      const { size, mtimeMs } = statSync(path);
      yield `${path} ${size} ${mtimeMs}`;
    }
  }
}

function digest(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\n');
  return hash.digest('hex');
}

function matches(stamp, wanted) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}
