import { closeSync, openSync, readSync } from 'node:fs';

/** More than any file here holds on a guest with hundreds of CPUs, mounts or interfaces. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Shared: reads are synchronous and each one is turned into text before the next. */
let buffer = Buffer.allocUnsafeSlow(16 * 1024);

export interface ProcFileOptions {
  /**
   * The kernel makes its text of records, and gives a page of them at a time. All others it gives
   * as a whole, so that a read that is not filled was the last one.
   */
  readonly paged?: boolean;
}

/**
 * A file of /proc or /sys, kept open: to read it again costs a fifth of opening it anew.
 * Such files never block, so the read is synchronous.
 */
export class ProcFile {
  readonly #path: string;
  readonly #paged: boolean;
  #descriptor: number | undefined;

  constructor(path: string, { paged = false }: ProcFileOptions = {}) {
    this.#path = path;
    this.#paged = paged;
  }

  /** @throws Error where it cannot be read */
  read(): string {
    if (this.#descriptor !== undefined) {
      try {
        return readWhole(this.#descriptor, this.#paged);
      } catch {
        // The device went; one of the same name may have come.
        this.close();
      }
    }
    this.#descriptor = openSync(this.#path, 'r');
    return readWhole(this.#descriptor, this.#paged);
  }

  /** It opens again when it is read again. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function readWhole(descriptor: number, paged: boolean): string {
  let length = 0;
  for (;;) {
    if (length === buffer.length) grow();
    const count = readSync(descriptor, buffer, length, buffer.length - length, length);
    length += count;
    if (count === 0 || (!paged && length < buffer.length)) {
      return buffer.toString('utf8', 0, length);
    }
  }
}

function grow(): void {
  if (buffer.length >= MAX_BYTES) throw new RangeError(`more than ${MAX_BYTES} bytes`);
  const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
  buffer.copy(larger);
  buffer = larger;
}
