import type { Call } from '@limiquantix/plugin-sdk';

/** Below this a buffer of its own costs nothing worth saving. */
const SMALLEST = 16 * 1024;
const MOST_FREE_BYTES = 4 * 1024 * 1024;

/**
 * Buffers of chunks, used again once their answer was sent. A buffer a chunk would be
 * garbage a gigabyte at a time, and the collector lets tens of megabytes of it gather.
 */
export class ChunkBuffers {
  readonly #free: Buffer[] = [];
  #freeBytes = 0;
  /** How often {@link clear} was called: what was taken before does not come back. */
  #round = 0;

  /** @returns exactly `bytes` bytes with any content, which go back after the call's answer */
  take(bytes: number, call: Call): Buffer {
    if (bytes < SMALLEST) return Buffer.allocUnsafeSlow(bytes);
    const whole = this.#fitting(bytes) ?? Buffer.allocUnsafeSlow(bytes);
    const round = this.#round;
    call.afterSent(() => round === this.#round && this.#give(whole));
    return whole.length === bytes ? whole : whole.subarray(0, bytes);
  }

  /** Nobody reads any more: keeps nothing, not even what is still to be sent. */
  clear(): void {
    this.#round++;
    this.#free.length = 0;
    this.#freeBytes = 0;
  }

  /** One that is large enough, and not so large that it would be wasted. */
  #fitting(bytes: number): Buffer | undefined {
    const index = this.#free.findIndex(({ length }) => length >= bytes && length <= 4 * bytes);
    if (index < 0) return undefined;
    const [buffer] = this.#free.splice(index, 1);
    this.#freeBytes -= buffer?.length ?? 0;
    return buffer;
  }

  #give(buffer: Buffer): void {
    this.#free.push(buffer);
    this.#freeBytes += buffer.length;
    while (this.#freeBytes > MOST_FREE_BYTES) this.#freeBytes -= this.#free.shift()?.length ?? 0;
  }
}
