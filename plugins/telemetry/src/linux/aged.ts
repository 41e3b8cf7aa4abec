/** Keeps a reading for a while, where to read anew costs much and seldom tells anything new. */
export class Aged<T> {
  readonly #maxAgeMs: number;
  readonly #read: () => T;
  #kept: { readonly value: T; readonly at: number } | undefined;

  constructor(maxAgeMs: number, read: () => T) {
    this.#maxAgeMs = maxAgeMs;
    this.#read = read;
  }

  /** @throws what reading throws, of which nothing is kept */
  get(): T {
    if (!this.#kept || performance.now() - this.#kept.at >= this.#maxAgeMs) {
      this.#kept = { value: this.#read(), at: performance.now() };
    }
    return this.#kept.value;
  }

  /** The next one to ask gets a new reading. */
  expire(): void {
    this.#kept = undefined;
  }
}
