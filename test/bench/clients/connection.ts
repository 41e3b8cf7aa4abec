import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Large enough that a floor is not held down by the reads of its client. */
const READ_BYTES = 256 * 1024;
const UP_LIMIT_MS = 15_000;

/** A unix socket that is read into one buffer: the lightest client that Node allows. */
export function openSocket(path: string, onBytes: (bytes: Uint8Array) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const callback = (count: number, buffer: Uint8Array) => {
      onBytes(buffer.subarray(0, count));
      return true;
    };
    const onread = { buffer: Buffer.alloc(READ_BYTES), callback };
    const socket = connect({ path, onread });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** The same, from the moment on that a server listens there. */
export async function openSocketWhenUp(
  path: string,
  onBytes: (bytes: Uint8Array) => void,
): Promise<Socket> {
  const deadline = performance.now() + UP_LIMIT_MS;
  for (;;) {
    try {
      return await openSocket(path, onBytes);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(2);
    }
  }
}
