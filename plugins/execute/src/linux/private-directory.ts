import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In memory on every distribution; an agent that is not root may not write there. */
const PARENTS = ['/run', tmpdir()];
const PREFIX = 'limiquantix-execute-';
const LEFT_BEHIND = new RegExp(`^${PREFIX}(\\d+)-`);

/**
 * Lends a directory that nobody else can enter, for files that are to be open and nameless.
 * It is gone with its contents when `use` has ended.
 */
export async function withPrivateDirectory<T>(
  use: (directory: string) => T | Promise<T>,
): Promise<T> {
  const directory = makePrivateDirectory();
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** As {@link withPrivateDirectory}, for its maker to remove. */
export function makePrivateDirectory(): string {
  let failure: unknown;
  for (const parent of PARENTS) {
    try {
      return mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
    } catch (thrown) {
      failure = thrown;
    }
  }
  throw failure;
}

/** Removes what an agent left behind that was killed. */
export function removeLeftBehind(): void {
  for (const parent of PARENTS) {
    for (const name of readdirSync(parent)) {
      const [, pid] = LEFT_BEHIND.exec(name) ?? [];
      if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
      rmSync(join(parent, name), { recursive: true, force: true });
    }
  }
}
