// The pinned Node.js of an architecture, from the package registry.
import { readFileSync } from 'node:fs';
import { packageFiles } from '../archive/npm.mjs';
import { stripSymbols } from './strip-symbols.mjs';

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
  const { version } = pinned;
  const { package: name, integrity } = pinned[arch];
  const [node, license] = packageFiles({ name, version, integrity }, ['bin/node', 'LICENSE']);
  return { node: stripSymbols(node), license: license.toString(), version };
}
