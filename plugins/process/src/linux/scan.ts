import type { Slices } from '../slices.ts';
import { numbersIn } from './proc-directory.ts';
import { type ProcessStat, readStat } from './stat.ts';

/** Of more than this many processes the rest is not looked at. */
const MAX_PROCESSES = 32_768;

/** The guest's processes by pid. One that ends meanwhile is left out. */
export async function scanProcesses(slices: Slices): Promise<Map<number, ProcessStat>> {
  const found = new Map<number, ProcessStat>();
  for (const pid of numbersIn('/proc')) {
    const stat = readStat(`/proc/${pid}/stat`);
    if (stat) found.set(stat.pid, stat);
    if (found.size === MAX_PROCESSES) break;
    if (slices.over) await slices.next();
  }
  return found;
}

/** A thread of a process. */
export type ScannedThread = Pick<ProcessStat, 'pid' | 'name' | 'state'>;

/** @param max how many to look at */
export async function scanThreads(
  pid: number,
  max: number,
  slices: Slices,
): Promise<ScannedThread[]> {
  const directory = `/proc/${pid}/task`;
  const found: ScannedThread[] = [];
  for (const tid of numbersIn(directory)) {
    if (found.length === max) break;
    const stat = readStat(`${directory}/${tid}/stat`);
    if (stat) found.push(stat);
    if (slices.over) await slices.next();
  }
  return found;
}
