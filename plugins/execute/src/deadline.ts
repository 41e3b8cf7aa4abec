/** Why a command was not left to end by itself. */
export type Stop = 'timed out' | 'cancelled';

/** Ends a command at a point in time, or when somebody gives it up, whichever comes first. */
export class Deadline {
  /** Never rejects; pending for as long as nothing stops the command. */
  readonly stopped: Promise<Stop>;
  readonly #clear: () => void;

  /** @param ms from now, on the monotonic clock */
  constructor(ms: number, cancelledBy: readonly AbortSignal[]) {
    const { promise, resolve } = Promise.withResolvers<Stop>();
    const timer = setTimeout(() => resolve('timed out'), ms);
    const cancel = () => resolve('cancelled');
    for (const signal of cancelledBy) {
      if (signal.aborted) cancel();
      signal.addEventListener('abort', cancel, { once: true });
    }
    this.stopped = promise;
    this.#clear = () => {
      clearTimeout(timer);
      for (const signal of cancelledBy) signal.removeEventListener('abort', cancel);
    };
  }

  /** What the work comes to, or why it is no longer waited for. */
  orStop<T>(work: Promise<T>): Promise<T | Stop> {
    return Promise.race([this.stopped, work]);
  }

  clear(): void {
    this.#clear();
  }
}
