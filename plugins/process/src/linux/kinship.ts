import { statSync } from 'node:fs';
import { unlessGone } from './proc-file.ts';
import { readStat } from './stat.ts';

/** Deeper than any process tree goes; a pid that is reused meanwhile could close a circle. */
const MAX_DEPTH = 1000;

/** The pids of a process's parent, its parent's parent, and so on. */
export function ancestorsOf(pid: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (let next = pid; found.size < MAX_DEPTH; ) {
    const parent = readStat(`/proc/${next}/stat`)?.ppid ?? 0;
    if (parent === 0 || found.has(parent)) break;
    found.add(parent);
    next = parent;
  }
  return found;
}

/** Whether two processes run the same file. */
export function runSameProgram(a: number, b: number): boolean {
  const one = programOf(a);
  const other = programOf(b);
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino;
}

function programOf(pid: number) {
  return unlessGone(() => statSync(`/proc/${pid}/exe`));
}
