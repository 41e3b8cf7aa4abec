import { write } from 'node:fs';
import { Writable } from 'node:stream';

export interface OutputOptions {
  /** Stays open. */
  readonly descriptor: number;
  /** Called once for each time that it cannot be written any more. */
  readonly onError: (error: Error) => void;
}

/** Who shares the other end may have made it non-blocking; this is how long it is left alone. */
const FULL_PAUSE_MS = 20;

/**
 * Writes to a descriptor that was inherited, without ever waiting for who reads it.
 * `process.stdout` does: where it is a pipe, or the journal's socket, it blocks the event loop
 * while that is full. And to open it takes 10 ms and 0.7 MB.
 */
export class Output extends Writable {
  readonly #options: OutputOptions;
  #failed = false;

  constructor(options: OutputOptions) {
    super({ decodeStrings: true });
    this.#options = options;
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  #write(bytes: Buffer, done: () => void): void {
    write(this.#options.descriptor, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#write(bytes, done), FULL_PAUSE_MS);
        return;
      }
      if (error && !this.#failed) this.#options.onError(error);
      this.#failed = error !== null;
      if (error || written === bytes.length) done();
      else this.#write(bytes.subarray(written), done);
    });
  }
}
