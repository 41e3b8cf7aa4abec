export interface Pace {
  /** The longest message that is taken. */
  readonly maxBytes: number;
  /** How long such a message may take. */
  readonly partialMs: number;
}

/** A message over the limit that passes by: nothing of it is kept. */
export class Passing {
  readonly at: 'passing' = 'passing';
  #left: number;
  #since: number;

  /** @param now monotonic milliseconds */
  constructor(length: number, now: number) {
    this.#left = length;
    this.#since = now;
  }

  /** When it would have begun had it moved no faster than a message within the limit must. */
  get since(): number {
    return this.#since;
  }

  get over(): boolean {
    return this.#left === 0;
  }

  /**
   * It must move as fast as a message within the limit must, else its sender has left.
   * @param arrivedAt when the first of the bytes that are there did
   * @returns how many of them belong to it
   */
  take(bytes: number, arrivedAt: number, { maxBytes, partialMs }: Pace): number {
    const count = Math.min(this.#left, bytes);
    this.#left -= count;
    this.#since = Math.min(this.#since + (count / maxBytes) * partialMs, arrivedAt);
    return count;
  }
}
