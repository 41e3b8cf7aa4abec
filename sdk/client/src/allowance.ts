/** Bytes a second that a guest may send unasked, for long. */
const BYTES_PER_SECOND = 4 * 1024 * 1024;

/**
 * A token bucket for what a guest sends unasked. One guest that floods its channel must
 * not take the time of the program that serves all the others.
 */
export class Allowance {
  readonly #most: number;
  readonly #now: () => number;
  #left: number;
  #at: number;

  /** @param most bytes that may come at once; @param now monotonic milliseconds */
  constructor(most: number, now: () => number = performance.now.bind(performance)) {
    this.#most = most;
    this.#now = now;
    this.#left = most;
    this.#at = now();
  }

  spend(bytes: number): void {
    const now = this.#now();
    const earned = ((now - this.#at) * BYTES_PER_SECOND) / 1000;
    this.#at = now;
    this.#left = Math.min(this.#most, this.#left + earned) - bytes;
  }

  /** What came was asked for after all. */
  giveBack(bytes: number): void {
    this.#left = Math.min(this.#most, this.#left + bytes);
  }

  /** How long to read nothing until the debt is paid, in milliseconds. */
  get debtMs(): number {
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left * 1000) / BYTES_PER_SECOND);
  }
}
