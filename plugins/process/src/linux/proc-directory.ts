import { readdirSync } from 'node:fs';
import { unlessGone } from './proc-file.ts';

/**
 * The numbers that a directory of /proc holds: processes, or the threads of one. Names
 * alone: for an entry that goes meanwhile the kernel does not say what it is, and Node
 * would look, fail, and lose those after it.
 */
export function numbersIn(path: string): string[] {
  const names = unlessGone(() => readdirSync(path)) ?? [];
  return names.filter((name) => /^\d/.test(name));
}
