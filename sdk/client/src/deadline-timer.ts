/** Beyond it a timer fires at once. */
export const MAX_TIMER_MS = 0x7fff_ffff;

/**
 * One timer for the deadlines of all calls of a client. Hardly any call lasts until its own: the
 * timer is not set anew when a call is answered, but finds out later that nothing is due.
 */
export class DeadlineTimer {
  /** @returns the next deadline; Infinity where there is none */
  readonly #onDue: (now: number) => number;
  #timer: NodeJS.Timeout | undefined;
  #at = Number.POSITIVE_INFINITY;

  constructor(onDue: (now: number) => number) {
    this.#onDue = onDue;
  }

  /** `onDue` is called no later than then. @param at on the clock of `performance.now()` */
  set(at: number): void {
    if (at >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    const ms = Math.max(0, at - performance.now());
    this.#timer = setTimeout(this.#run, Math.min(ms, MAX_TIMER_MS));
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#at = Number.POSITIVE_INFINITY;
  }

  readonly #run = (): void => {
    this.#at = Number.POSITIVE_INFINITY;
    this.set(this.#onDue(performance.now()));
  };
}
