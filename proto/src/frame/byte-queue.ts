const NO_BYTES: Uint8Array = new Uint8Array(0);
const MIN_CAPACITY = 4096;
/** Arrival times are kept to this precision, so that a trickle costs no memory. */
const GRAIN_MS = 100;

/** From `from` on, counted from the stream's beginning, bytes arrived at `at` or later. */
interface Arrival {
  readonly from: number;
  readonly at: number;
}

/**
 * Bytes that arrived and are not consumed yet, in one piece, and when they arrived.
 *
 * The buffer is only ever appended to: what {@link view} returned stays what it was.
 */
export class ByteQueue {
  #buffer = NO_BYTES;
  #start = 0;
  #end = 0;
  #consumed = 0;
  /** Somebody was given a view on the buffer to keep. */
  #lent = false;
  readonly #free: ((memory: ArrayBufferLike) => void) | undefined;
  readonly #arrivals: Arrival[] = [];

  /** @param free is told of memory, pushed or its own, that nobody needs any more */
  constructor(free?: (memory: ArrayBufferLike) => void) {
    this.#free = free;
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
   * @returns whether the chunk was copied, so that it is not needed any more
   */
  push(chunk: Uint8Array, at: number, expected = 0): boolean {
    if (chunk.length === 0) return false;
    const last = this.#arrivals.at(-1);
    if (last === undefined || at - last.at >= GRAIN_MS) {
      this.#arrivals.push({ from: this.#consumed + this.length, at });
    }
    if (this.length === 0) {
      // It belongs to who pushed it, and has no room behind it that could be written to.
      this.#replace(chunk, chunk.length);
      return false;
    }
    if (this.#end + chunk.length > this.#buffer.length) {
      this.#grow(this.length + chunk.length, expected);
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
    return true;
  }

  /**
   * To twice what is needed now, so that a byte is copied about twice however small the
   * chunks; but to no more than what is expected, which then needs no further growing.
   */
  #grow(needed: number, expected: number): void {
    const wanted = Math.max(2 * needed, MIN_CAPACITY);
    const used = this.length;
    const buffer = Buffer.allocUnsafeSlow(expected >= needed ? Math.min(wanted, expected) : wanted);
    buffer.set(this.view());
    if (!this.#lent) this.#free?.(this.#buffer.buffer);
    this.#replace(buffer, used);
  }

  #replace(buffer: Uint8Array, used: number): void {
    this.#buffer = buffer;
    this.#start = 0;
    this.#end = used;
    this.#lent = false;
  }

  /** Big-endian; the four bytes must have arrived. */
  uint32(index: number): number {
    const i = this.#start + index;
    let value = 0;
    for (let k = i; k < i + 4; k++) value = value * 256 + (this.#buffer[k] as number);
    return value;
  }

  /** A view that whoever gets it may keep. */
  lend(from: number, to: number): Uint8Array {
    this.#lent = true;
    return this.view(from, to);
  }

  /** Bytes from `from` up to `to`, not copied; to be looked at now. */
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
    this.#replace(NO_BYTES, 0);
    this.#arrivals.length = 0;
  }
}
