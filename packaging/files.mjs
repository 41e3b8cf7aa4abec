// What is installed in a guest: the one list that every package format is made from.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { codeCacheOf } from '../core/dist/code-cache.js';
import { maintainerScript } from './script.mjs';

/**
 * @typedef {object} InstalledFile Belongs to root:root.
 * @property {string} path absolute
 * @property {number} mode
 * @property {Buffer} [content] a directory where there is none
 * @property {true} [config] belongs to the operator once it is installed
 *
 * @typedef {'deb' | 'rpm' | 'tar'} Format
 *
 * @typedef {{ bundle: Buffer, codeCache: Buffer | undefined }} Bundle and what Node.js made of it
 *
 * @typedef {object} Parts what was built, see build.mjs
 * @property {readonly ({ name: string } & Bundle)[]} core the agent, and what it loads only now and
 *   then
 * @property {readonly ({ name: string, manifest: Buffer } & Bundle)[]} plugins
 * @property {Buffer} runtime the program of Node.js
 * @property {ReturnType<typeof import('./runtime/native.mjs').fetchNativeModules>} native
 * @property {string} notices
 * @property {string} changelog
 * @property {string} manual
 */

const PACKAGES = ['deb', 'rpm'];
const TAR = ['tar'];

const LIB = '/usr/lib/limiquantix';
const DOC = '/usr/share/doc/limiquantix-guest-agent';

/**
 * @param {Format} format
 * @param {Parts} parts
 * @returns {InstalledFile[]} in the order of their paths
 */
export function installedFiles(format, parts) {
  const rows = [
    file('/usr/bin/limiquantix-agent', 0o755, launcher()),
    directory(LIB, 0o755),
    directory(`${LIB}/core`, 0o755),
    ...parts.core.flatMap((core) => compiled(`${LIB}/core/${core.name}`, core)),
    directory(`${LIB}/plugins`, 0o755),
    ...parts.plugins.flatMap(({ name, manifest, ...bundle }) => [
      directory(`${LIB}/plugins/${name}`, 0o755),
      file(`${LIB}/plugins/${name}/package.json`, 0o644, manifest),
      ...compiled(`${LIB}/plugins/${name}/plugin.cjs`, bundle),
    ]),
    directory(`${LIB}/runtime`, 0o755, PACKAGES),
    // The tarball is for systems whose libc this program does not run on.
    file(`${LIB}/runtime/node`, 0o755, parts.runtime, PACKAGES),

    ...nativeModules(parts.native),

    directory('/etc/limiquantix', 0o755),
    directory('/etc/limiquantix/pre-freeze.d', 0o755),
    directory('/etc/limiquantix/post-thaw.d', 0o755),
    { ...file('/etc/limiquantix/agent.yaml', 0o644, shipped('config/agent.yaml')), config: true },
    directory('/var/lib/limiquantix', 0o700),
    directory('/var/log/limiquantix', 0o750),

    file(
      '/usr/lib/systemd/system/limiquantix-agent.service',
      0o644,
      shipped('systemd/limiquantix-agent.service'),
    ),
    file(
      '/usr/lib/udev/rules.d/70-limiquantix-agent.rules',
      0o644,
      shipped('udev/70-limiquantix-agent.rules'),
    ),
    file('/etc/init.d/limiquantix-agent', 0o755, shipped('openrc/limiquantix-agent'), TAR),
    file(`${LIB}/uninstall.sh`, 0o755, Buffer.from(maintainerScript('tarball/uninstall.sh')), TAR),

    file('/usr/share/man/man8/limiquantix-agent.8.gz', 0o644, zipped(parts.manual)),
    directory(DOC, 0o755),
    file(`${DOC}/copyright`, 0o644, shipped('copyright')),
    file(`${DOC}/third-party-notices.gz`, 0o644, zipped(parts.notices)),
    file(`${DOC}/changelog.gz`, 0o644, zipped(parts.changelog)),
    // Debian has a copy of this licence already.
    file(`${DOC}/LICENSE`, 0o644, readFileSync('LICENSE'), ['rpm', 'tar']),
    file(
      '/usr/share/lintian/overrides/limiquantix-guest-agent',
      0o644,
      shipped('debian/lintian-overrides'),
      ['deb'],
    ),
  ];
  return rows
    .filter(({ formats }) => formats === undefined || formats.includes(format))
    .map(({ formats: _, ...row }) => row)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function file(path, mode, content, formats) {
  return { path, mode, content, formats };
}

function directory(path, mode, formats) {
  return { path, mode, formats };
}

function compiled(path, { bundle, codeCache }) {
  const rows = [file(path, 0o644, bundle)];
  // For the program of Node.js that these formats bring along.
  if (codeCache) rows.push(file(codeCacheOf(path), 0o644, codeCache, PACKAGES));
  return rows;
}

/** Where Node.js looks for them. Which libc a tarball meets is not known. */
function nativeModules(modules) {
  const rows = new Map();
  for (const { libc, path, content } of modules) {
    const formats = libc === 'linux' ? undefined : TAR;
    const place = `${LIB}/node_modules/${path}`;
    rows.set(place, file(place, 0o644, content, formats));
    for (let dir = dirname(place); dir !== LIB && !rows.has(dir); dir = dirname(dir)) {
      rows.set(dir, directory(dir, 0o755, formats));
    }
  }
  return [...rows.values()];
}

function shipped(path) {
  return readFileSync(new URL(path, import.meta.url));
}

function launcher() {
  const flags = JSON.parse(readFileSync('core/runtime-flags.json', 'utf8'));
  return Buffer.from(
    shipped('launcher/limiquantix-agent').toString().replace('@FLAGS@', flags.join(' ')),
  );
}

/** The same bytes each time: zlib writes no name and no time. */
function zipped(text) {
  return gzipSync(text, { level: 9 });
}
