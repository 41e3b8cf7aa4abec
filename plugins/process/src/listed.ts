/** For how long a host may act upon what a listing told it. */
const REMEMBERED_MS = 10 * 60_000;
const MAX_REMEMBERED = 16_384;

interface Listed {
  readonly startTicks: number;
  readonly at: number;
}

/**
 * Which process the host saw under a pid. A request to kill has only the pid, and the
 * kernel gives that to another process once the first has ended.
 */
export class ListedProcesses {
  /** Least recently listed first. */
  readonly #byPid = new Map<number, Listed>();
  readonly #now: () => number;

  /** @param now monotonic milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  remember(pid: number, startTicks: number): void {
    this.#byPid.delete(pid);
    this.#byPid.set(pid, { startTicks, at: this.#now() });
    if (this.#byPid.size > MAX_REMEMBERED) this.#byPid.delete(firstOf(this.#byPid));
  }

  /** When the process that was listed under this pid started; undefined: none was lately. */
  startTicksOf(pid: number): number | undefined {
    const listed = this.#byPid.get(pid);
    return listed && this.#now() - listed.at <= REMEMBERED_MS ? listed.startTicks : undefined;
  }
}

function firstOf(map: ReadonlyMap<number, unknown>): number {
  return map.keys().next().value as number;
}
