import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { MAX_HEADER } from '@limiquantix/agent-proto/frame';

/**
 * Gives memory back at once; views on it are empty from then on. To V8 the buffers of an upload
 * are a reason to collect garbage after every few megabytes, which takes longer than the upload.
 */
export function free(memory: ArrayBufferLike): void {
  if (memory instanceof ArrayBuffer && !memory.detached) memory.transfer(0);
}

/**
 * The chunk, or a copy of it where its memory is not its own to be freed. Each read of a socket
 * has a buffer of its own; other streams pass on what somebody else wrote, or part of a pool.
 */
export function withOwnMemory(chunk: Uint8Array, stream: Duplex): Uint8Array {
  const own = stream instanceof Socket && chunk.length === chunk.buffer.byteLength;
  return own ? chunk : new Uint8Array(chunk);
}

/** What a message lies in, where that holds nothing else. */
export function memoryOf(message: Uint8Array): ArrayBuffer | undefined {
  const { buffer, byteOffset, length } = message;
  const alone = byteOffset <= MAX_HEADER && byteOffset + length === buffer.byteLength;
  return alone && buffer instanceof ArrayBuffer ? buffer : undefined;
}
