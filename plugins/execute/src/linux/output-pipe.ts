import { closeSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { OutputCollector } from '../output.ts';
import type { OpenPipe } from './pipe.ts';

/** What every pipe is read through: the bytes are copied before the next reading. Holds all of a pipe's. */
const BUFFER: Buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** One of a command's two outputs. It is read to its end, whatever of it is kept. */
export class OutputPipe {
  readonly collector: OutputCollector;
  /** When nobody can write to it any more. */
  readonly ended: Promise<void>;
  bytesRead = 0;
  readonly #end: () => void;
  /** Descriptors that are still to be closed. */
  #readEnd: number | undefined;
  #writeEnd: number | undefined;
  #stream: Readable | undefined;

  constructor(maxBytes: number) {
    this.collector = new OutputCollector(maxBytes);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** @param openPipe undefined: the child gets a socket */
  open(openPipe: OpenPipe | undefined): void {
    const pipe = openPipe?.();
    this.#readEnd = pipe?.readEnd;
    this.#writeEnd = pipe?.writeEnd;
  }

  /** For the child's {@link Stdio}. */
  get childEnd(): number | 'pipe' {
    return this.#writeEnd ?? 'pipe';
  }

  /** Lets go of what the child has now. @param socket that it got instead of a pipe */
  start(socket: Readable | null): void {
    this.#writeEnd = closed(this.#writeEnd);
    if (socket) this.#listen(socket.on('data', this.#receive));
  }

  /**
   * Reads what is in the pipe by now.
   * @returns whether that was all, since nobody can write to it any more
   */
  take(): boolean {
    if (this.#readEnd === undefined) return false;
    try {
      // The first empties the pipe. The second finds its end, unless somebody writes to it still.
      for (let reads = 0; reads < 2; reads++) {
        const length = readSync(this.#readEnd, BUFFER);
        if (length === 0) {
          this.#readEnd = closed(this.#readEnd);
          this.#end();
          return true;
        }
        this.#receive(BUFFER.subarray(0, length));
      }
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') throw thrown;
    }
    return false;
  }

  /** From now on the event loop reads it. */
  watch(): void {
    if (this.#readEnd === undefined) return;
    const callback = (length: number) => {
      this.#receive(BUFFER.subarray(0, length));
      return true;
    };
    const fd = this.#readEnd;
    this.#readEnd = undefined;
    this.#listen(new Socket({ fd, writable: false, onread: { buffer: BUFFER, callback } }));
  }

  destroy(): void {
    this.#stream?.destroy();
    this.#readEnd = closed(this.#readEnd);
    this.#writeEnd = closed(this.#writeEnd);
  }

  #listen(stream: Readable): void {
    this.#stream = stream;
    stream.on('end', this.#end).on('close', this.#end).on('error', this.#end).resume();
  }

  readonly #receive = (chunk: Uint8Array): void => {
    this.bytesRead += chunk.length;
    this.collector.write(chunk);
  };
}

function closed(descriptor: number | undefined): undefined {
  if (descriptor !== undefined) closeSync(descriptor);
}
