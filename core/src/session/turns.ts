/** What a host may have done in one turn of the event loop: about a millisecond's worth. */
const ACTIONS_PER_TURN = 32;

/**
 * Does what a host asks for in order, some of it in each turn of the event loop: a few
 * kilobytes can hold thousands of requests, and nobody else is served meanwhile.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #onCaughtUp: () => void;
  #done = 0;

  /** @param onCaughtUp nothing waits any more */
  constructor(onCaughtUp: () => void) {
    this.#onCaughtUp = onCaughtUp;
  }

  /** Whether there is more to do than fitted into this turn. */
  get behind(): boolean {
    return this.#waiting.length > 0;
  }

  /** Does it now, or in one of the next turns. */
  take(action: () => void): void {
    if (this.#done === ACTIONS_PER_TURN) {
      this.#waiting.push(action);
      return;
    }
    if (this.#done++ === 0) setImmediate(() => this.#next());
    action();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting.length = 0;
  }

  #next(): void {
    this.#done = 0;
    if (!this.behind) return;
    for (const action of this.#waiting.splice(0, ACTIONS_PER_TURN)) this.take(action);
    if (!this.behind) this.#onCaughtUp();
  }
}
