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

/** @throws Error where there is no line of all CPUs */
export function parseKernelStat(text: string): KernelStat {
  let all: CpuTicks | undefined;
  const cores = new Map<number, CpuTicks>();
  // The CPUs come first; the interrupts after them can be a hundred thousand characters.
  for (let start = 0; text.startsWith('cpu', start); ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const [name, ...fields] = text.slice(start + 3, end).split(/ +/);
    if (name === '') all = ticks(fields);
    else cores.set(Number(name), ticks(fields));
    start = end + 1;
  }
  if (!all) throw new Error('/proc/stat does not begin with the CPUs');
  const boot = /\nbtime (\d+)/.exec(text);
  return { all, cores, bootedAt: boot ? Number(boot[1]) : undefined };
}

/**
 * A guest's guests (the 9th and 10th field) are in `user` and `nice` already. Time stolen
 * by the hypervisor counts as busy: the guest had work to do.
 */
function ticks(fields: readonly string[]): CpuTicks {
  const [user, nice, system, idle, iowait, irq, softirq, steal] = fields.map(Number);
  return {
    busy: sum(user, nice, system, irq, softirq, steal),
    idle: sum(idle, iowait),
  };
}

/** Old kernels have fewer fields. */
function sum(...counters: readonly (number | undefined)[]): number {
  return counters.reduce<number>((total, n) => total + (Number.isFinite(n) ? (n ?? 0) : 0), 0);
}
