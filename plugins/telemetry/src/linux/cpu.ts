import type { CpuTicks, KernelStat } from './kernel-stat.ts';

/** Percent of the time between two samples, 0 to 100. */
export interface CpuUsage {
  readonly percent: number;
  /** In the order of the kernel's numbers, without those that are offline. */
  readonly cores: readonly number[];
}

type Sample = Pick<KernelStat, 'all' | 'cores'>;

/** Fewer ticks than this for each CPU say nothing: one more or less is a tenth of the figure. */
const MIN_TICKS = 10;

const BOOT: Sample = { all: { busy: 0, idle: 0 }, cores: new Map() };

/**
 * Turns samples into usage. Each is compared with the one before it; where that is only
 * milliseconds old (a host connected between two reports), with the one before that. The
 * first is compared with the boot.
 */
export class CpuMeter {
  #base = BOOT;
  #latest = BOOT;

  measure(sample: Sample): CpuUsage {
    const elapsed = total(sample.all) - total(this.#latest.all);
    // Counters that ran backwards (a container was checkpointed) begin a new baseline too.
    if (elapsed < 0 || elapsed >= MIN_TICKS * sample.cores.size) {
      this.#base = this.#latest;
      this.#latest = sample;
    }
    const { all, cores } = this.#base;
    return {
      percent: percentBetween(all, sample.all),
      cores: [...sample.cores].map(([core, ticks]) => percentBetween(cores.get(core), ticks)),
    };
  }
}

/** A CPU that was not there before is measured since it came. */
function percentBetween(before: CpuTicks = BOOT.all, after: CpuTicks): number {
  // The kernel documents that its idle counters may step back.
  const busy = Math.max(0, after.busy - before.busy);
  const idle = Math.max(0, after.idle - before.idle);
  return busy === 0 ? 0 : (busy / (busy + idle)) * 100;
}

function total({ busy, idle }: CpuTicks): number {
  return busy + idle;
}
