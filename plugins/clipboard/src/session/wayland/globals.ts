import { connect } from 'node:net';
import { endianness } from 'node:os';

const DISPLAY = 1;
const REGISTRY = 2;
const DONE = 3;
const TIMEOUT_MS = 3000;
/** A compositor has some fifty, of some thirty bytes each. */
const MAX_BYTES = 256 * 1024;

/**
 * Asks a compositor what it can do: the names of its globals.
 * @param path of its socket
 * @throws Error where it does not answer
 */
export async function globalsOf(path: string): Promise<Set<string>> {
  const { promise, resolve, reject } = Promise.withResolvers<Set<string>>();
  const socket = connect(path);
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('the compositor does not answer')));
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('the compositor closed the connection')));
  // wl_display.get_registry, then wl_display.sync, which is answered after all globals.
  socket.write(Buffer.concat([message(DISPLAY, 1, REGISTRY), message(DISPLAY, 0, DONE)]));
  const names = new Set<string>();
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (let size = sizeOf(received); size !== undefined; size = sizeOf(received)) {
      const object = read32(received, 0);
      if (object === REGISTRY) names.add(globalName(received.subarray(8, size)));
      if (object === DONE) resolve(names);
      received = received.subarray(size);
    }
    if (received.length > MAX_BYTES) socket.destroy(new Error('the compositor sends no message'));
  });
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

/** Object, then length and opcode in one word, in the machine's byte order. */
function message(object: number, opcode: number, argument: number): Buffer {
  const words = Uint32Array.of(object, (12 << 16) | opcode, argument);
  return Buffer.from(words.buffer);
}

/** Of the first message, if all of it is there. */
function sizeOf(received: Buffer): number | undefined {
  if (received.length < 8) return undefined;
  const size = read32(received, 4) >>> 16;
  return size >= 8 && received.length >= size ? size : undefined;
}

/** Arguments of wl_registry.global: a number, a string with its length, a version. */
function globalName(body: Buffer): string {
  const length = body.length < 8 ? 0 : read32(body, 4);
  return body.toString('latin1', 8, 8 + Math.max(0, length - 1));
}

function read32(bytes: Buffer, at: number): number {
  return endianness() === 'LE' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}
