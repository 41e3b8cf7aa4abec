import { lineAfter, Scanner } from './scanner.ts';

/** What a CPU has done since the boot, in ticks of 10 ms. */
export interface CpuTicks {
  readonly busy: number;
  readonly idle: number;
}

/** /proc/stat, as far as a report needs it. */
export interface KernelStat {
  readonly all: CpuTicks;
  /** By the kernel's number: a CPU that is offline is not listed. */
  readonly cores: ReadonlyMap<number, CpuTicks>;
  /** Seconds since the epoch. */
  readonly bootedAt: number | undefined;
}

const CPU = 'cpu';
const BOOT = '\nbtime ';

/** @throws Error where there is no line of all CPUs */
export function parseKernelStat(bytes: Buffer): KernelStat {
  let all: CpuTicks | undefined;
  const cores = new Map<number, CpuTicks>();
  // The CPUs come first; the interrupts after them can be a hundred thousand characters.
  for (let start = 0; isCpu(bytes, start); start = lineAfter(bytes, start)) {
    const scanner = new Scanner(bytes, start + CPU.length);
    if (scanner.atBlank) all = ticks(scanner);
    else cores.set(scanner.number() ?? 0, ticks(scanner));
  }
  if (!all) throw new Error('/proc/stat does not begin with the CPUs');
  const boot = bytes.indexOf(BOOT, 0, 'latin1');
  const bootedAt = boot < 0 ? undefined : new Scanner(bytes, boot + BOOT.length).number();
  return { all, cores, bootedAt };
}

function isCpu(bytes: Buffer, at: number): boolean {
  return bytes.toString('latin1', at, at + CPU.length) === CPU;
}

/** Of the fields of a CPU: user, nice, system, idle, iowait, irq, softirq, steal. */
const [IDLE, IOWAIT, COUNT] = [3, 4, 8];

/**
 * A guest's guests (the 9th and 10th field) are in `user` and `nice` already. Time stolen
 * by the hypervisor counts as busy: the guest had work to do. Old kernels have fewer fields.
 */
function ticks(scanner: Scanner): CpuTicks {
  let busy = 0;
  let idle = 0;
  for (let field = 0; field < COUNT; field++) {
    const value = scanner.number() ?? 0;
    if (field === IDLE || field === IOWAIT) idle += value;
    else busy += value;
  }
  return { busy, idle };
}
