import type { AgentEvent } from '@limiquantix/agent-proto';
import { decode, eventCodec } from '@limiquantix/agent-proto/codec';

/** Reports of a healthy guest have a few kB, and this is kept for every VM. */
const MAX_BYTES = 256 * 1024;
const NO_BYTES = Buffer.alloc(0);

/**
 * The newest event of a kind, decoded when somebody looks: with thousands of guests
 * reporting, hardly anybody looks at each report. Of a kind without `bytes` fields, which
 * would be views on memory that the next one overwrites.
 */
export class Latest<T> {
  readonly #event: AgentEvent<T>;
  /** Used again: as garbage each report would be old enough to stay for long. */
  #memory = NO_BYTES;
  /** Of the report in it; undefined where it is decoded, or there is none. */
  #length: number | undefined;
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
    return this.#length !== undefined || this.#message !== undefined;
  }

  /** Undefined where there was none, or the newest does not decode. */
  get message(): T | undefined {
    if (this.#length === undefined) return this.#message;
    const encoded = this.#memory.subarray(0, this.#length);
    this.#length = undefined;
    try {
      this.#message = decode(eventCodec(this.#event), encoded);
    } catch {
      this.#message = undefined;
    }
    return this.#message;
  }

  put(payload: Uint8Array): void {
    const { length } = payload;
    if (length > MAX_BYTES) return;
    if (length > this.#memory.length || 2 * length < this.#memory.length) {
      this.#memory = Buffer.allocUnsafeSlow(length);
    }
    this.#memory.set(payload);
    this.#length = length;
    this.#receivedAt = Date.now();
  }

  clear(): void {
    this.#memory = NO_BYTES;
    this.#length = undefined;
    this.#message = undefined;
  }
}
