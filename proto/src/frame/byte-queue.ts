/** From this many chunks on, small ones are gathered: a view costs more than a few bytes. */
const GATHER_FROM = 16;
const GATHER_BELOW = 4096;
const GATHER_STEP = 64 * 1024;

/** Bytes that arrived and are not consumed yet, as the chunks they came in. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  /** Behind the last chunk, where that one is gathered from small ones. */
  #tail: Buffer | undefined;
  /** Consumed bytes of the first chunk. */
  #offset = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#length += chunk.length;
    if (this.#chunks.length < GATHER_FROM || chunk.length >= GATHER_BELOW) {
      this.#chunks.push(chunk);
      this.#tail = undefined;
    } else {
      this.#gather(chunk);
    }
  }

  #gather(chunk: Uint8Array): void {
    const last = this.#chunks.length - 1;
    const used = this.#tail ? (this.#chunks[last] as Uint8Array).length : 0;
    if (this.#tail && used + chunk.length <= this.#tail.length) {
      this.#tail.set(chunk, used);
      this.#chunks[last] = this.#tail.subarray(0, used + chunk.length);
      return;
    }
    this.#tail = Buffer.allocUnsafeSlow(GATHER_STEP);
    this.#tail.set(chunk);
    this.#chunks.push(this.#tail.subarray(0, chunk.length));
  }

  /** The byte at `index`; undefined where it has not arrived. */
  at(index: number): number | undefined {
    let i = index + this.#offset;
    for (const chunk of this.#chunks) {
      if (i < chunk.length) return chunk[i];
      i -= chunk.length;
    }
    return undefined;
  }

  /** Big-endian; the four bytes must have arrived. */
  uint32(index: number): number {
    const first = this.#chunks[0] as Uint8Array;
    const i = index + this.#offset;
    if (i + 4 <= first.length) {
      return (
        (first[i] as number) * 0x100_0000 +
        (((first[i + 1] as number) << 16) |
          ((first[i + 2] as number) << 8) |
          (first[i + 3] as number))
      );
    }
    let value = 0;
    for (let k = 0; k < 4; k++) value = value * 256 + (this.at(index + k) as number);
    return value;
  }

  /** `length` bytes from `index` on: a view where one chunk holds them, else a copy. */
  view(index: number, length: number): Uint8Array {
    let i = index + this.#offset;
    let c = 0;
    while (i >= (this.#chunks[c]?.length ?? Number.POSITIVE_INFINITY)) {
      i -= (this.#chunks[c] as Uint8Array).length;
      c++;
    }
    const first = this.#chunks[c];
    if (first !== undefined && i + length <= first.length) return first.subarray(i, i + length);
    const out = Buffer.allocUnsafe(length);
    let filled = 0;
    for (; filled < length; c++, i = 0) {
      const part = (this.#chunks[c] as Uint8Array).subarray(i, i + length - filled);
      out.set(part, filled);
      filled += part.length;
    }
    return out;
  }

  skip(count: number): void {
    this.#length -= count;
    let left = count + this.#offset;
    let drop = 0;
    while (drop < this.#chunks.length && left >= (this.#chunks[drop] as Uint8Array).length) {
      left -= (this.#chunks[drop] as Uint8Array).length;
      drop++;
    }
    if (drop > 0) this.#chunks.splice(0, drop);
    if (this.#chunks.length === 0) this.#tail = undefined;
    this.#offset = left;
  }

  clear(): void {
    this.#chunks = [];
    this.#tail = undefined;
    this.#offset = 0;
    this.#length = 0;
  }
}
