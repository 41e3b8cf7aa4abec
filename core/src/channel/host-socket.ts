import { Socket } from 'node:net';
import type { DescriptorHandle } from './descriptor-handle.ts';
import { enlargeSendBuffer } from './send-buffer.ts';

/** More than a unix socket holds by default, so that one read takes all that is there. */
const READ_BYTES = 256 * 1024;

/** What is written at once where a file is sent, and nowhere else. */
const BULK_BYTES = 128 * 1024;

/** One for all sockets: what is in it is dealt with before the next read. */
let buffer: Buffer | undefined;

/**
 * A connection whose `data` events lend what arrived until their listeners return. Those of a
 * `net.Socket` come with new memory for each read, which costs more than the read.
 */
export class HostSocket extends Socket {
  readonly #fd: number;
  #sendsBulk = false;

  constructor(handle: DescriptorHandle) {
    buffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
    const callback = (count: number, bytes: Buffer) => {
      this.emit('data', bytes.subarray(0, count));
      return true;
    };
    super({ handle, onread: { buffer, callback } } as object);
    this.#fd = handle.fd;
  }

  override _writev(...write: Parameters<NonNullable<Socket['_writev']>>): void {
    if (!this.#sendsBulk && this.writableLength >= BULK_BYTES) {
      this.#sendsBulk = true;
      enlargeSendBuffer(this.#fd);
    }
    super._writev?.(...write);
  }
}
