/** What is answered of one output stream. */
export interface Captured {
  /** Valid UTF-8 of at most the collector's limit in bytes. */
  readonly text: string;
  readonly truncated: boolean;
}

const FIRST_ALLOCATION = 4096;

/**
 * Keeps the first bytes of a stream and forgets the rest: the beginning says what went
 * wrong first, and it is the part that no later output can push out.
 */
export class OutputCollector {
  readonly #limit: number;
  #kept: Buffer = Buffer.alloc(0);
  #length = 0;
  #dropped = false;

  /** @param limit in bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Copies what still fits; the chunk may be reused afterwards. */
  write(chunk: Uint8Array): void {
    const room = this.#limit - this.#length;
    const fits = chunk.length <= room ? chunk : chunk.subarray(0, room);
    if (fits.length < chunk.length) this.#dropped = true;
    if (fits.length === 0) return;
    this.#reserve(this.#length + fits.length);
    this.#kept.set(fits, this.#length);
    this.#length += fits.length;
  }

  /** Bytes that are not UTF-8 become U+FFFD; a character that the limit cuts is left out. */
  result(): Captured {
    const bytes = this.#kept.subarray(0, this.#length);
    const text = (this.#dropped ? withoutCutCharacter(bytes) : bytes).toString();
    if (Buffer.byteLength(text) <= this.#limit) return { text, truncated: this.#dropped };
    // U+FFFD is longer than the byte that it stands for.
    const shortened = Buffer.from(text).subarray(0, this.#limit);
    return { text: withoutCutCharacter(shortened).toString(), truncated: true };
  }

  // One growing buffer: a list of chunks costs a hundred times its bytes when a command
  // writes single characters.
  #reserve(length: number): void {
    if (length <= this.#kept.length) return;
    const grown = Math.max(length, 2 * this.#kept.length, FIRST_ALLOCATION);
    const buffer = Buffer.allocUnsafe(Math.min(grown, this.#limit));
    buffer.set(this.#kept.subarray(0, this.#length));
    this.#kept = buffer;
  }
}

/** Without the beginning of a multi-byte sequence at its end. */
function withoutCutCharacter(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    const isContinuation = (byte & 0b1100_0000) === 0b1000_0000;
    if (!isContinuation) {
      return sequenceLength(byte) > back ? bytes.subarray(0, bytes.length - back) : bytes;
    }
  }
  return bytes;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}
