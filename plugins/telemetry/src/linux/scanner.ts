import type { Uint64 } from '@limiquantix/plugin-sdk';

const BLANK = 0x20;
const ZERO = 0x30;
const NEWLINE = 0x0a;

/**
 * Reads decimal numbers out of the kernel's text where it lies: strings of its lines and fields
 * would be most of what a report leaves to the garbage collector.
 */
export class Scanner {
  readonly #bytes: Buffer;
  #at: number;

  /** @param at where to begin */
  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get atBlank(): boolean {
    return this.#bytes[this.#at] === BLANK;
  }

  /** The next one, behind blanks; undefined where there is none, or none that a number holds exactly. */
  number(): number | undefined {
    const value = this.#next();
    return value !== undefined && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
  }

  /** The next one, whatever its size; of more than 64 bits the lowest. */
  uint64(): Uint64 | undefined {
    const start = this.#at;
    const value = this.#next();
    if (value === undefined || value <= Number.MAX_SAFE_INTEGER) return value;
    return BigInt.asUintN(64, BigInt(this.#bytes.toString('latin1', start, this.#at)));
  }

  /** Leaves out so many. */
  skip(count: number): void {
    for (let i = 0; i < count; i++) this.#next();
  }

  #next(): number | undefined {
    const bytes = this.#bytes;
    let at = this.#at;
    while (bytes[at] === BLANK) at++;
    const start = at;
    let value = 0;
    for (; at < bytes.length; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.#at = at;
    return at === start ? undefined : value;
  }
}

/** Where the line after the one of `at` begins; where there is none, the end. */
export function lineAfter(bytes: Buffer, at: number): number {
  const newline = bytes.indexOf(NEWLINE, at);
  return newline < 0 ? bytes.length : newline + 1;
}
