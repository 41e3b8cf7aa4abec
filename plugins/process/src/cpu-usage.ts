/** What a process has used of the CPUs by one moment. */
export interface CpuSample {
  /** With the pid it tells one process from the next of the same number. */
  readonly startTicks: number;
  readonly cpuTicks: number;
  /** Monotonic milliseconds. */
  readonly at: number;
}

/** All processes at one time. */
export interface Sampling {
  /** When it began. */
  readonly at: number;
  readonly byPid: ReadonlyMap<number, CpuSample>;
}

/** An older sampling says little of what goes on now. */
const MAX_AGE_MS = 60_000;

/** Keeps the last two samplings that are far enough apart to compare others with. */
export class Samplings {
  readonly #apartMs: number;
  /** Oldest first. */
  #kept: readonly Sampling[] = [];

  /** @param apartMs fewer clock ticks than pass in this time say nothing */
  constructor(apartMs: number) {
    this.#apartMs = apartMs;
  }

  /** The newest that a sampling at `now` can be compared with. */
  baseline(now: number): Sampling | undefined {
    return this.#kept.findLast(({ at }) => now - at >= this.#apartMs && now - at <= MAX_AGE_MS);
  }

  /** Milliseconds until there is a baseline; undefined: not without another sampling. */
  wait(now: number): number | undefined {
    const newest = this.#kept.at(-1);
    if (!newest || now - newest.at > MAX_AGE_MS) return undefined;
    return Math.max(0, this.#apartMs - (now - newest.at));
  }

  keep(sampling: Sampling): void {
    const newest = this.#kept.at(-1);
    if (newest && sampling.at - newest.at < this.#apartMs) return;
    this.#kept = newest ? [newest, sampling] : [sampling];
  }
}

/**
 * Percent of one CPU since the baseline, so that a process with many threads may exceed
 * 100. A process that is younger than the baseline used all of its time since.
 */
export function cpuPercent(
  pid: number,
  sample: CpuSample,
  baseline: Sampling,
  ticksPerSecond: number,
): number {
  const before = baseline.byPid.get(pid);
  const same = before?.startTicks === sample.startTicks ? before : undefined;
  const ticks = Math.max(0, sample.cpuTicks - (same?.cpuTicks ?? 0));
  const elapsedMs = sample.at - (same ?? baseline).at;
  return elapsedMs > 0 ? (100 * 1000 * ticks) / ticksPerSecond / elapsedMs : 0;
}
