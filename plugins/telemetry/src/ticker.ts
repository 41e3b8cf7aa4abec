/**
 * Calls back at multiples of an interval on the monotonic clock: what a call takes does
 * not delay the next, and what is missed is not made up for. Calls never overlap.
 */
export class Ticker {
  readonly #intervalMs: number;
  readonly #onTick: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  /** When it was started: monotonic milliseconds. */
  #origin: number | undefined;
  #ticks = 0;

  /** @param onTick must not reject */
  constructor(intervalMs: number, onTick: () => Promise<void>) {
    this.#intervalMs = intervalMs;
    this.#onTick = onTick;
  }

  /** The first tick comes an interval from now. Does nothing while it runs. */
  start(): void {
    if (this.#origin !== undefined) return;
    this.#origin = performance.now();
    this.#ticks = 0;
    this.#arm(this.#origin);
  }

  stop(): void {
    this.#origin = undefined;
    clearTimeout(this.#timer);
  }

  #arm(origin: number): void {
    const elapsed = performance.now() - origin;
    // At least one more: a timer may fire a fraction of a millisecond early.
    this.#ticks = Math.max(this.#ticks + 1, Math.ceil(elapsed / this.#intervalMs));
    const wait = this.#ticks * this.#intervalMs - elapsed;
    this.#timer = setTimeout(async () => {
      await this.#onTick();
      // Unless it was stopped meanwhile, and perhaps started anew.
      if (this.#origin === origin) this.#arm(origin);
    }, wait);
  }
}
