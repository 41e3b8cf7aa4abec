// Packages of the npm registry, as published.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readTar } from './tar.mjs';

const CACHE = 'node_modules/.cache/limiquantix-runtime';

/**
 * @typedef {{ name: string, version: string, integrity: string }} NpmPackage
 *
 * Files of a package of any platform: from the cache, else downloaded; checked in both cases.
 * @param {NpmPackage} wanted
 * @param {readonly string[]} paths inside the package
 * @returns {Buffer[]} their contents
 */
export function packageFiles(wanted, paths) {
  const tar = gunzipSync(archive(wanted));
  const names = paths.map((path) => `package/${path}`);
  const files = readTar(tar, names);
  return names.map((name) => files.get(name));
}

function archive({ name, version, integrity }) {
  const file = join(CACHE, archiveName(name, version));
  if (!existsSync(file)) download(name, version, file);
  const bytes = readFileSync(file);
  const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  if (found !== integrity) {
    rmSync(file);
    throw new Error(`${name}@${version} has ${found}, but ${integrity} is pinned`);
  }
  return bytes;
}

function download(name, version, file) {
  mkdirSync(CACHE, { recursive: true });
  const dir = mkdtempSync(join(CACHE, 'download-'));
  try {
    const args = ['pack', '--silent', '--prefer-offline', '--pack-destination', dir];
    const { status, error } = spawnSync('npm', [...args, `${name}@${version}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (error || status !== 0) throw new Error(`${name}@${version} cannot be downloaded`);
    renameSync(join(dir, archiveName(name, version)), file);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** As npm names it. */
function archiveName(name, version) {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
}
