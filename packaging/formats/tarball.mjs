import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeTar } from '../archive/tar.mjs';
import { maintainerScript } from '../script.mjs';

/** As `uname -m` has them: whoever downloads it may be a script that knows no other. */
const MACHINES = { amd64: 'x86_64', arm64: 'aarch64' };

/**
 * Writes `limiquantix-agent-<version>-linux-<machine>.tar.gz`: the files, a list of them, and
 * a script that installs them. It uses the system's own Node.js.
 * @param {import('../build.mjs').PackageRequest} request
 * @returns {string} the file
 */
export function buildTarball({ version, arch, time, files, out }) {
  const folder = `limiquantix-agent-${version}-linux-${MACHINES[arch]}`;
  const list = `${files.map(listLine).join('\n')}\n`;
  const entries = [
    { path: 'install.sh', mode: 0o755, content: script('install.sh') },
    { path: 'files.list', mode: 0o644, content: Buffer.from(list) },
    ...files
      .filter(({ content }) => content)
      .map((file) => ({ ...file, path: `root${file.path}` })),
  ];
  const file = join(out, `${folder}.tar.gz`);
  const tar = writeTar(
    withFolders(entries).map((entry) => ({ ...entry, path: join(folder, entry.path) })),
    time,
  );
  writeFileSync(file, gzipSync(tar, { level: 9 }));
  return file;
}

/** `directory|file|config MODE PATH`, what the scripts go by. */
function listLine({ path, mode, content, config }) {
  const kind = config ? 'config' : content ? 'file' : 'directory';
  return `${kind} ${mode.toString(8).padStart(4, '0')} ${path}`;
}

function withFolders(entries) {
  const folders = new Set(['.']);
  for (const { path } of entries) {
    for (let dir = dirname(path); dir !== '.'; dir = dirname(dir)) folders.add(dir);
  }
  const all = [...entries, ...[...folders].map((path) => ({ path, mode: 0o755 }))];
  return all.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function script(name) {
  return Buffer.from(maintainerScript(`tarball/${name}`));
}
