import { closeSync, openSync, readSync } from 'node:fs';

/** More than any file here holds on a guest with hundreds of CPUs, mounts or interfaces. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Shared: reads are synchronous and each one is turned into text before the next. */
let buffer = Buffer.allocUnsafeSlow(16 * 1024);

/**
 * A file of /proc or /sys, kept open: to read it again costs a fifth of opening it anew.
 * Such files never block, so the read is synchronous.
 */
export class ProcFile {
  readonly #path: string;
  #descriptor: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws Error where it cannot be read */
  read(): string {
    if (this.#descriptor !== undefined) {
      try {
        return readWhole(this.#descriptor);
      } catch {
        // The device went; one of the same name may have come.
        this.close();
      }
    }
    this.#descriptor = openSync(this.#path, 'r');
    return readWhole(this.#descriptor);
  }

  /** It opens again when it is read again. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** The kernel gives long files a page at a time, whatever the size that is asked for. */
function readWhole(descriptor: number): string {
  let length = 0;
  for (;;) {
    if (length === buffer.length) grow();
    const count = readSync(descriptor, buffer, length, buffer.length - length, length);
    if (count === 0) return buffer.toString('utf8', 0, length);
    length += count;
  }
}

function grow(): void {
  if (buffer.length >= MAX_BYTES) throw new RangeError(`more than ${MAX_BYTES} bytes`);
  const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
  buffer.copy(larger);
  buffer = larger;
}
