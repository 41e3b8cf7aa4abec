import { Socket } from 'node:net';
import type { DescriptorHandle } from './descriptor-handle.ts';

/** More than a unix socket holds by default, so that one read takes all that is there. */
const READ_BYTES = 256 * 1024;

/** One for all sockets: what is in it is dealt with before the next read. */
let buffer: Buffer | undefined;

/**
 * A connection whose `data` events lend what arrived until their listeners return. Those of a
 * `net.Socket` come with new memory for each read, which costs more than the read.
 */
export class HostSocket extends Socket {
  constructor(handle: DescriptorHandle) {
    buffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
    const callback = (count: number, bytes: Buffer) => {
      this.emit('data', bytes.subarray(0, count));
      return true;
    };
    super({ handle, onread: { buffer, callback } } as object);
  }
}
