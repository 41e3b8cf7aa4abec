/** Encoded bytes that the events kept for a slow consumer may have. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

const DONE: IteratorResult<never, undefined> = { done: true, value: undefined };

interface Entry<T> {
  readonly value: T;
  readonly bytes: number;
}

/** Events for one consumer. What it does not take in time is dropped, oldest first. */
export class EventStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #limit: number;
  readonly #onEnd: () => void;
  #entries: Entry<T>[] = [];
  #bytes = 0;
  #waiting: ((result: IteratorResult<T, undefined>) => void)[] = [];
  #ended = false;

  constructor(limit: number, onEnd: () => void) {
    this.#limit = limit;
    this.#onEnd = onEnd;
  }

  /** @param bytes its encoded size */
  push(value: T, bytes: number): void {
    if (this.#ended) return;
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting({ done: false, value });
      return;
    }
    this.#entries.push({ value, bytes });
    this.#bytes += bytes;
    while (this.#tooMuch()) this.#take();
  }

  /** What is buffered can still be taken. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const waiting of this.#waiting.splice(0)) waiting(DONE);
    this.#onEnd();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const entry = this.#take();
    if (entry) return { done: false, value: entry.value };
    if (this.#ended) return DONE;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.end();
    this.#entries = [];
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #tooMuch(): boolean {
    if (this.#entries.length > this.#limit) return true;
    return this.#entries.length > 1 && this.#bytes > MAX_BUFFERED_BYTES;
  }

  #take(): Entry<T> | undefined {
    const entry = this.#entries.shift();
    this.#bytes -= entry?.bytes ?? 0;
    return entry;
  }
}
