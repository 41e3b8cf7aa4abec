import { readFileSync } from 'node:fs';

/**
 * A script of a package manager, with the functions that they share.
 * @param {string} path under packaging/
 * @returns {string}
 */
export function maintainerScript(path) {
  return `#!/bin/sh\nset -e\n\n${scriptBody(path)}`;
}

/** The same for a package manager that brings the first lines itself. */
export function scriptBody(path) {
  return `${read('service-functions.sh')}\n${read(path)}`;
}

function read(path) {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}
