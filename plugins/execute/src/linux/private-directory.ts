import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In memory on every distribution; an agent that is not root may not write there. */
const PARENTS = ['/run', tmpdir()];

/**
 * Lends a directory that nobody else can enter, for files that are to be open and nameless.
 * It is gone with its contents when `use` has ended.
 */
export function withPrivateDirectory<T>(use: (directory: string) => T): T {
  const directory = makeDirectory();
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function makeDirectory(): string {
  let failure: unknown;
  for (const parent of PARENTS) {
    try {
      return mkdtempSync(join(parent, 'limiquantix-execute-'));
    } catch (thrown) {
      failure = thrown;
    }
  }
  throw failure;
}
