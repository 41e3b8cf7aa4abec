import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { Hardware, type HardwareOptions } from '../src/hardware.ts';
import { UsedBytes } from '../src/linux/hardware/used-bytes.ts';
import { SystemFiles } from '../src/linux/system-files.ts';

/** A folder; a text file; a link; a file of bytes. */
export type Tree = { readonly [name: string]: Tree | string };

/** Each file of tests has a list of its own. */
const made: string[] = [];
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A folder of its own, gone after the tests. */
export function scratch(parent: string = tmpdir()): string {
  const directory = mkdtempSync(join(parent, 'plugin-inventory-'));
  made.push(directory);
  return directory;
}

/** Files as the kernel would show them. @returns where they lie */
export function grow(tree: Tree, root: string = scratch()): string {
  for (const [name, entry] of Object.entries(tree)) {
    const path = join(root, name);
    if (typeof entry === 'string') {
      write(path, `${entry}\n`);
    } else if (typeof entry.link === 'string') {
      mkdirSync(root, { recursive: true });
      symlinkSync(entry.link, path);
    } else if (typeof entry.base64 === 'string') {
      write(path, Buffer.from(entry.base64, 'base64'));
    } else {
      mkdirSync(path, { recursive: true });
      grow(entry, path);
    }
  }
  return root;
}

export function fixture(name: string): Tree {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'));
}

/** Of every filesystem a tenth is used. */
export const BLOCKS = { bsize: 4096, blocks: 1000, bfree: 900 };

export const EVERYTHING = {
  includeCpuDetails: true,
  includeDiskDetails: true,
  includeNetworkDetails: true,
};

/** The hardware of a machine whose files lie below a root. */
export function hardwareOf(root: string, options: Partial<HardwareOptions> = {}): Hardware {
  const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  return new Hardware({
    cacheMs: 60_000,
    log,
    signal: new AbortController().signal,
    files: new SystemFiles(root),
    used: new UsedBytes({ statfs: async () => BLOCKS }),
    ...options,
  });
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
