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
  /** When this was read, in monotonic milliseconds. */
  readonly at: number;
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

// Positions of proc_pid_stat(5), the state behind the name being 0.
const [PPID, FLAGS, UTIME, STIME, THREADS, START, RSS] = [1, 6, 11, 12, 17, 19, 21];

const OPEN = 0x28;
const CLOSE = 0x29;
const SPACE = 0x20;
const MINUS = 0x2d;
const ZERO = 0x30;

/** The numbers of one line by their positions. Shared: filled and used before the next. */
const numbers = new Float64Array(RSS + 1);

/** Undefined where it has gone, or hides it. */
export function readStat(path: string): ProcessStat | undefined {
  const line = readProc(path);
  return line && parseStat(line);
}

/**
 * The name stands in parentheses and may itself hold any byte but NUL, blanks, newlines and
 * parentheses included: it ends at the last one of the line.
 *
 * Byte by byte: a listing reads hundreds of lines, and strings for fields that nobody wants
 * would be most of what it leaves to the garbage collector.
 * @returns undefined where it is no such line
 */
export function parseStat(line: Buffer): ProcessStat | undefined {
  const open = line.indexOf(OPEN);
  const close = line.lastIndexOf(CLOSE);
  if (open < 2 || close < open || !readNumbers(line, close + 4)) return undefined;
  const pid = Number(line.toString('latin1', 0, open - 1));
  if (!Number.isInteger(pid)) return undefined;
  return {
    pid,
    ppid: numbers[PPID] as number,
    name: line.toString('utf8', open + 1, close),
    state: STATES[String.fromCharCode(line[close + 2] as number)] ?? '',
    isKernelThread: ((numbers[FLAGS] as number) & KERNEL_THREAD) !== 0,
    cpuTicks: (numbers[UTIME] as number) + (numbers[STIME] as number),
    threadCount: numbers[THREADS] as number,
    startTicks: numbers[START] as number,
    residentPages: numbers[RSS] as number,
    at: performance.now(),
  };
}

/** @returns whether all are there. Those that are negative are not wanted: only skipped. */
function readNumbers(line: Buffer, start: number): boolean {
  let position = PPID as number;
  let number = 0;
  for (let at = start; at < line.length; at++) {
    const byte = line[at] as number;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      number = 10 * number + digit;
    } else if (byte === SPACE) {
      numbers[position] = number;
      if (position === RSS) return true;
      position += 1;
      number = 0;
    } else if (byte !== MINUS) {
      return false;
    }
  }
  return false;
}
