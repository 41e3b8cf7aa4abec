import { readProc } from './proc-file.ts';

/** What /proc/PID/stat says of a process, or /proc/PID/task/TID/stat of a thread. */
export interface ProcessStat {
  readonly pid: number;
  readonly ppid: number;
  /** At most 15 bytes of its program's name, or what it calls itself. */
  readonly name: string;
  /** `running`, `sleeping`...; empty for a letter that no kernel documents. */
  readonly state: string;
  readonly isKernelThread: boolean;
  /** CPU time that it used so far, in clock ticks. */
  readonly cpuTicks: number;
  readonly threadCount: number;
  /** When it started, in clock ticks since the boot. */
  readonly startTicks: number;
  readonly residentPages: number;
}

const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'disk-sleep',
  T: 'stopped',
  t: 'traced',
  Z: 'zombie',
  X: 'dead',
  x: 'dead',
  I: 'idle',
  P: 'parked',
};

/** PF_KTHREAD of the kernel's sched.h. */
const KERNEL_THREAD = 0x0020_0000;

// Positions behind the name, of proc_pid_stat(5).
const [STATE, PPID, FLAGS, UTIME, STIME, THREADS, START, RSS] = [0, 1, 6, 11, 12, 17, 19, 21];

/** Undefined where it has gone, or hides it. */
export function readStat(path: string): ProcessStat | undefined {
  const line = readProc(path);
  return line && parseStat(line);
}

/**
 * The name stands in parentheses and may itself hold any byte but NUL, blanks, newlines and
 * parentheses included: it ends at the last one of the line.
 * @returns undefined where it is no such line
 */
export function parseStat(line: Buffer): ProcessStat | undefined {
  const open = line.indexOf('(');
  const close = line.lastIndexOf(')');
  if (open < 2 || close < open) return undefined;
  const fields = line.toString('latin1', close + 2).split(' ', RSS + 1);
  const number = (position: number) => Number(fields[position]);
  const pid = Number(line.toString('latin1', 0, open - 1));
  const startTicks = number(START);
  if (!Number.isInteger(pid) || !Number.isInteger(startTicks)) return undefined;
  return {
    pid,
    ppid: number(PPID),
    name: line.toString('utf8', open + 1, close),
    state: STATES[fields[STATE] as string] ?? '',
    isKernelThread: (number(FLAGS) & KERNEL_THREAD) !== 0,
    cpuTicks: number(UTIME) + number(STIME),
    threadCount: number(THREADS),
    startTicks,
    residentPages: number(RSS),
  };
}
