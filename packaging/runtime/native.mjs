// What calls C functions for the agent: the one part of it that is neither JavaScript nor Node.js.
import { readFileSync } from 'node:fs';
import { packageFiles } from '../archive/npm.mjs';

const ARCHITECTURES = { amd64: 'x64', arm64: 'arm64' };

/** A file of the package whose licence is this one's too. */
export const NATIVE_NOTICE = 'node_modules/koffi/package.json';

/**
 * The native modules of an architecture, as package-lock.json pins them.
 * @param {'amd64' | 'arm64'} arch
 * @returns {{ libc: 'linux' | 'musl', path: string, content: Buffer }[]} first that for glibc,
 *   which koffi calls `linux`; `path` is the one in `node_modules`
 */
export function fetchNativeModules(arch) {
  const machine = ARCHITECTURES[arch];
  const name = `@koromix/koffi-linux-${machine}`;
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const { version, integrity } = packages[`node_modules/${name}`];
  const libcs = ['linux', 'musl'];
  const paths = libcs.map((libc) => `${libc}_${machine}/koffi.node`);
  const contents = packageFiles({ name, version, integrity }, paths);
  return libcs.map((libc, index) => ({
    libc,
    path: `${name}/${paths[index]}`,
    content: contents[index],
  }));
}
