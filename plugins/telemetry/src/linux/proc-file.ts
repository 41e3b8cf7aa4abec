import { closeSync, openSync, readSync } from 'node:fs';

/** More than any file here holds on a guest with hundreds of CPUs, mounts or interfaces. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The smallest of any machine. */
const PAGE_BYTES = 4096;

/** Shared: reads are synchronous and what each one gave is used before the next. */
let buffer = Buffer.allocUnsafeSlow(16 * 1024);

export interface ProcFileOptions {
  /**
   * The longest that the file has, in bytes, where the kernel makes its text of records and gives a
   * page of them at a time: a read that left room for one more was the last. All others it
   * gives as a whole, so that a read that is not filled was the last one.
   */
  readonly recordBytes?: number;
}

/**
 * A file of /proc or /sys, kept open: to read it again costs a fifth of opening it anew.
 * Such files never block, so the read is synchronous.
 */
export class ProcFile {
  readonly #path: string;
  readonly #recordBytes: number | undefined;
  #descriptor: number | undefined;

  constructor(path: string, { recordBytes }: ProcFileOptions = {}) {
    this.#path = path;
    this.#recordBytes = recordBytes;
  }

  /**
   * @returns a view that the next reading of any file overwrites
   * @throws Error where it cannot be read
   */
  read(): Buffer {
    if (this.#descriptor !== undefined) {
      try {
        return readWhole(this.#descriptor, this.#recordBytes);
      } catch {
        // The device went; one of the same name may have come.
        this.close();
      }
    }
    this.#descriptor = openSync(this.#path, 'r');
    return readWhole(this.#descriptor, this.#recordBytes);
  }

  /** It opens again when it is read again. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function readWhole(descriptor: number, recordBytes: number | undefined): Buffer {
  let length = 0;
  for (;;) {
    if (length === buffer.length) grow();
    const count = readSync(descriptor, buffer, length, buffer.length - length, length);
    length += count;
    const hasRoom = recordBytes === undefined || count + recordBytes <= PAGE_BYTES;
    if (count === 0 || (hasRoom && length < buffer.length)) return buffer.subarray(0, length);
  }
}

function grow(): void {
  if (buffer.length >= MAX_BYTES) throw new RangeError(`more than ${MAX_BYTES} bytes`);
  const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
  buffer.copy(larger);
  buffer = larger;
}
