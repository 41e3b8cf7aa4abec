import type { AgentEvent } from '@limiquantix/agent-proto';
import { decode, eventCodec } from '@limiquantix/agent-proto/codec';

/** Reports of a healthy guest have a few kB, and this is kept for every VM. */
const MAX_BYTES = 256 * 1024;

/**
 * The newest event of a kind, decoded when somebody looks: with thousands of guests
 * reporting, hardly anybody looks at each report.
 */
export class Latest<T> {
  readonly #event: AgentEvent<T>;
  #encoded: Uint8Array | undefined;
  #message: T | undefined;
  #receivedAt = 0;

  constructor(event: AgentEvent<T>) {
    this.#event = event;
  }

  /** Milliseconds since the epoch. */
  get receivedAt(): number {
    return this.#receivedAt;
  }

  /** Whether there is one; unlike to look at it, that decodes nothing. */
  get received(): boolean {
    return this.#encoded !== undefined || this.#message !== undefined;
  }

  /** Undefined where there was none, or the newest does not decode. */
  get message(): T | undefined {
    if (this.#encoded === undefined) return this.#message;
    const encoded = this.#encoded;
    this.#encoded = undefined;
    try {
      this.#message = decode(eventCodec(this.#event), encoded);
    } catch {
      this.#message = undefined;
    }
    return this.#message;
  }

  put(payload: Uint8Array): void {
    if (payload.length > MAX_BYTES) return;
    // A copy: a view would keep the whole chunk that came from the socket.
    this.#encoded = new Uint8Array(payload);
    this.#receivedAt = Date.now();
  }

  clear(): void {
    this.#encoded = undefined;
    this.#message = undefined;
  }
}
