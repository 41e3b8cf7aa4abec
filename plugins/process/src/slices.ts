import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 3;

/** Cuts a long computation into slices, so that the agent answers others in between. */
export class Slices {
  readonly #signal: AbortSignal;
  #began = performance.now();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  get over(): boolean {
    return performance.now() - this.#began >= SLICE_MS;
  }

  /** @throws the signal's reason where nobody waits for the result any more */
  async next(): Promise<void> {
    await nextTurn();
    this.#signal.throwIfAborted();
    this.#began = performance.now();
  }
}
