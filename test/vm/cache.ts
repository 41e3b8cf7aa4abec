import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { took } from './progress.ts';

/** Outside the checkout: a fresh clone on the same machine is warm. Given by scripts/test-vm.mjs. */
const CACHE = process.env.LIMIQUANTIX_VM_CACHE ?? '';

export interface Layer {
  /** What it is, for its folder's name and for who waits. */
  readonly name: string;
  /** All that it is made of: other bytes, another layer. */
  readonly madeOf: readonly (string | Buffer)[];
  /** Older ones beyond so many go. */
  readonly keep: number;
  /** Fills an empty folder. */
  readonly make: (dir: string) => Promise<void> | void;
}

/** A folder that is made once for the same ingredients. @returns its path */
export async function cached({ name, madeOf, keep, make }: Layer): Promise<string> {
  const hash = createHash('sha256');
  for (const part of madeOf) hash.update(part).update('\0');
  const dir = join(CACHE, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(dir)) {
    const partial = `${dir}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    await took(`making the ${name}`, () => make(partial));
    renameSync(partial, dir);
  }
  utimesSync(dir, new Date(), new Date());
  dropOldest(name, keep);
  return dir;
}

function dropOldest(name: string, keep: number): void {
  const layers = readdirSync(CACHE)
    .filter((entry) => new RegExp(`^${name}-[0-9a-f]{16}(\\.partial)?$`).test(entry))
    .map((entry) => join(CACHE, entry))
    .map((path) => ({ path, usedAt: statSync(path).mtimeMs }))
    .sort((a, b) => b.usedAt - a.usedAt);
  for (const { path } of layers.slice(keep)) rmSync(path, { recursive: true });
}
