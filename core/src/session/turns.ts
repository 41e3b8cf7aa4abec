/** How long one host is served before others have their turn. */
const TURN_MS = 0.5;

/**
 * Does what a host asks for in order, some of it in each turn of the event loop: a few
 * kilobytes can hold thousands of requests, and nobody else is served meanwhile.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #onCaughtUp: () => void;
  #until = 0;

  /** @param onCaughtUp nothing waits any more */
  constructor(onCaughtUp: () => void) {
    this.#onCaughtUp = onCaughtUp;
  }

  /** Whether there is more to do than fitted into this turn. */
  get behind(): boolean {
    return this.#waiting.length > 0;
  }

  /** Bytes arrived: a turn begins, where none is under way. */
  begin(): void {
    if (!this.behind) this.#until = performance.now() + TURN_MS;
  }

  /** Does it now, or in one of the next turns. */
  take(action: () => void): void {
    if (!this.behind && performance.now() < this.#until) {
      action();
      return;
    }
    this.#waiting.push(action);
    if (this.#waiting.length === 1) setImmediate(this.#next);
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting.length = 0;
  }

  readonly #next = (): void => {
    const until = performance.now() + TURN_MS;
    let action = this.#waiting.shift();
    while (action) {
      action();
      action = performance.now() < until ? this.#waiting.shift() : undefined;
    }
    if (this.behind) setImmediate(this.#next);
    else this.#onCaughtUp();
  };
}
