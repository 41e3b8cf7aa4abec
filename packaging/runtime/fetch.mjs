// The pinned Node.js of an architecture, from the package registry.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readTar } from '../archive/tar.mjs';
import { stripSymbols } from './strip-symbols.mjs';

const CACHE = 'node_modules/.cache/limiquantix-runtime';
const pinned = JSON.parse(readFileSync(new URL('runtime.json', import.meta.url), 'utf8'));

/**
 * @param {'amd64' | 'arm64'} arch
 * @returns {{ node: Buffer, license: string, version: string }} the program without its
 *   symbols, and the licences of everything in it
 */
export function fetchRuntime(arch) {
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  if (devDependencies.node !== pinned.version) {
    throw new Error(
      `package.json pins Node.js ${devDependencies.node}, packaging/runtime/runtime.json has ` +
        `${pinned.version}: set version and integrity there, as of \`npm view ${pinned[arch].package}@${devDependencies.node} dist.integrity\``,
    );
  }
  const files = readTar(gunzipSync(archive(pinned[arch])), ['package/bin/node', 'package/LICENSE']);
  return {
    node: stripSymbols(files.get('package/bin/node')),
    license: files.get('package/LICENSE').toString(),
    version: pinned.version,
  };
}

/** The package as published: from the cache, else downloaded; checked in both cases. */
function archive({ package: name, integrity }) {
  const file = join(CACHE, `${name}-${pinned.version}.tgz`);
  if (!existsSync(file)) download(name, file);
  const bytes = readFileSync(file);
  const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  if (found !== integrity) {
    rmSync(file);
    throw new Error(`${name}@${pinned.version} has ${found}, runtime.json wants ${integrity}`);
  }
  return bytes;
}

function download(name, file) {
  mkdirSync(CACHE, { recursive: true });
  const dir = mkdtempSync(join(CACHE, 'download-'));
  try {
    const args = ['pack', '--silent', '--prefer-offline', '--pack-destination', dir];
    const { status, error } = spawnSync('npm', [...args, `${name}@${pinned.version}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (error || status !== 0) throw new Error(`${name}@${pinned.version} cannot be downloaded`);
    renameSync(join(dir, `${name}-${pinned.version}.tgz`), file);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
