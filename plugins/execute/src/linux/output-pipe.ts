import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { OutputCollector } from '../output.ts';
import type { OpenPipe, Pipe } from './pipe.ts';

/** What every pipe is read through: the bytes are copied before the next reading. */
const BUFFER: Buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** One of a command's two outputs. It is read to its end, whatever of it is kept. */
export class OutputPipe {
  readonly collector: OutputCollector;
  /** When nobody can write to it any more. */
  readonly ended: Promise<void>;
  bytesRead = 0;
  readonly #end: () => void;
  #pipe: Pipe | undefined;
  #stream: Readable | undefined;

  constructor(maxBytes: number) {
    this.collector = new OutputCollector(maxBytes);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** @param openPipe undefined: the child gets a socket */
  open(openPipe: OpenPipe | undefined): void {
    this.#pipe = openPipe?.();
  }

  /** For the child's {@link Stdio}. */
  get childEnd(): number | 'pipe' {
    return this.#pipe?.writeEnd ?? 'pipe';
  }

  start(socket: Readable | null): void {
    this.#stream = this.#pipe ? this.#readPipe(this.#pipe) : socket?.on('data', this.#receive);
    this.#stream?.on('end', this.#end).on('close', this.#end).on('error', this.#end).resume();
  }

  destroy(): void {
    if (this.#stream) this.#stream.destroy();
    else if (this.#pipe) closeBoth(this.#pipe);
  }

  #readPipe({ readEnd, writeEnd }: Pipe): Readable {
    closeSync(writeEnd);
    const callback = (length: number) => {
      this.#receive(BUFFER.subarray(0, length));
      return true;
    };
    return new Socket({ fd: readEnd, writable: false, onread: { buffer: BUFFER, callback } });
  }

  readonly #receive = (chunk: Uint8Array): void => {
    this.bytesRead += chunk.length;
    this.collector.write(chunk);
  };
}

function closeBoth({ readEnd, writeEnd }: Pipe): void {
  closeSync(readEnd);
  closeSync(writeEnd);
}
