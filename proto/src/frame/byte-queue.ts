import { announcedBy, type Header } from './header.ts';

const NO_BYTES: Uint8Array = new Uint8Array(0);
/** Below this a part of Node's pool is faster than memory of its own. */
const POOLED_BELOW = 4096;
/** Arrival times are kept to this precision, so that a trickle costs no memory. */
const GRAIN_MS = 100;

/** From `from` on, counted from the stream's beginning, bytes arrived at `at` or later. */
interface Arrival {
  readonly from: number;
  readonly at: number;
}

/** @returns at least so many bytes with any content, where there is memory to be used again */
export type TakeMemory = (bytes: number) => ArrayBuffer | undefined;

/**
 * Copies of bytes that arrived and are not consumed yet, in one piece, and when they arrived.
 *
 * The buffer is only ever appended to: what {@link view} returned stays what it was.
 */
export class ByteQueue {
  #buffer = NO_BYTES;
  #start = 0;
  #end = 0;
  #consumed = 0;
  readonly #take: TakeMemory;
  #arrivals: Arrival[] = [];

  constructor(take: TakeMemory = () => undefined) {
    this.#take = take;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** When the first byte arrived, to {@link GRAIN_MS}; undefined where there is none. */
  get since(): number | undefined {
    return this.#arrivals[0]?.at;
  }

  /**
   * @param at monotonic milliseconds
   * @param expected how many bytes the queue will hold before any are consumed, where known
   */
  push(chunk: Uint8Array, at: number, expected = 0): void {
    if (chunk.length === 0) return;
    const last = this.#arrivals.at(-1);
    if (last === undefined) this.#arrivals = [{ from: this.#consumed, at }];
    else if (at - last.at >= GRAIN_MS) {
      this.#arrivals.push({ from: this.#consumed + this.length, at });
    }
    if (this.#end + chunk.length > this.#buffer.length) {
      this.#grow(this.length + chunk.length, expected);
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * To twice what is needed now, so that a byte is copied about twice however small the
   * chunks; but to no more than what is expected, which then needs no further growing.
   */
  #grow(needed: number, expected: number): void {
    const used = this.length;
    const wanted = used > 0 || expected > 0 ? 2 * needed : needed;
    const buffer =
      this.#again(needed, expected) ??
      allocated(expected >= needed ? Math.min(wanted, expected) : wanted);
    buffer.set(this.view());
    this.#buffer = buffer;
    this.#start = 0;
    this.#end = used;
  }

  #again(needed: number, expected: number): Buffer | undefined {
    const memory = expected >= needed ? this.#take(expected) : undefined;
    return memory && Buffer.from(memory);
  }

  /** What the first `length` bytes lie in, where nothing else ever will: not before they are skipped. */
  memoryOf(length: number): ArrayBuffer | undefined {
    if (this.#start !== 0 || this.#end !== length) return undefined;
    const { buffer } = this.#buffer;
    const own = buffer.byteLength === this.#buffer.length;
    return own && buffer instanceof ArrayBuffer ? buffer : undefined;
  }

  /** What the frame says that begins here, without a view being made. */
  announced(): Header | undefined {
    return announcedBy(this.#buffer, this.#start, this.#end);
  }

  /** Bytes from `from` up to `to`, not copied. */
  view(from = 0, to: number = this.length): Uint8Array {
    return this.#buffer.subarray(this.#start + from, this.#start + to);
  }

  skip(count: number): void {
    this.#start += count;
    this.#consumed += count;
    if (this.length === 0) {
      this.clear();
      return;
    }
    let next = this.#arrivals[1];
    while (next !== undefined && next.from <= this.#consumed) {
      this.#arrivals.shift();
      next = this.#arrivals[1];
    }
  }

  clear(): void {
    this.#buffer = NO_BYTES;
    this.#start = 0;
    this.#end = 0;
    this.#arrivals = [];
  }
}

function allocated(bytes: number): Buffer {
  return bytes < POOLED_BELOW ? Buffer.allocUnsafe(bytes) : Buffer.allocUnsafeSlow(bytes);
}
