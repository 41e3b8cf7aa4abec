/** A value that is worked out anew when what it follows from changed, or after a time. */
export class Cached<T> {
  readonly #maxAgeMs: number;
  #held: { readonly key: string; readonly since: number; readonly value: Promise<T> } | undefined;

  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
  }

  /**
   * Whoever asks while it is worked out gets that one. What failed is not kept.
   * @param key changes when the value does
   */
  get(key: string, workOut: () => Promise<T>): Promise<T> {
    const now = performance.now();
    if (this.#held?.key === key && now - this.#held.since < this.#maxAgeMs) {
      return this.#held.value;
    }
    const value = workOut();
    const held = { key, since: now, value };
    this.#held = held;
    value.catch(() => {
      if (this.#held === held) this.#held = undefined;
    });
    return value;
  }
}
