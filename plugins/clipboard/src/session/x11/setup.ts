import type { Cookie } from './authority.ts';

/** What the server tells when a client connects, as far as it matters here. */
export interface Setup {
  readonly resourceBase: number;
  readonly root: number;
  /** The longest request, in bytes. */
  readonly maxRequestBytes: number;
}

/** Byte order, version 11.0, the cookie. All numbers are little-endian from here on. */
export function setupRequest(cookie: Cookie | undefined): Buffer {
  const name = Buffer.from(cookie?.name ?? '', 'latin1');
  const data = cookie?.data ?? Buffer.alloc(0);
  const start = Buffer.alloc(12);
  start.write('l');
  start.writeUInt16LE(11, 2);
  start.writeUInt16LE(name.length, 6);
  start.writeUInt16LE(data.length, 8);
  return Buffer.concat([start, padded(name), padded(data)]);
}

/** Length of the whole answer, of which the first eight bytes are there. */
export function setupLength(start: Buffer): number {
  return 8 + 4 * start.readUInt16LE(6);
}

/** @throws Error with the server's own reason */
export function parseSetup(answer: Buffer): Setup {
  if (answer[0] !== 1) {
    const reason = answer.toString('latin1', 8, 8 + (answer[1] ?? 0)).trim();
    throw new Error(`the X server refuses the connection: ${reason}`);
  }
  const vendorLength = answer.readUInt16LE(24);
  const formats = answer[29] ?? 0;
  const firstScreen = 40 + paddedLength(vendorLength) + 8 * formats;
  return {
    resourceBase: answer.readUInt32LE(12),
    maxRequestBytes: 4 * answer.readUInt16LE(26),
    root: answer.readUInt32LE(firstScreen),
  };
}

/** To a multiple of four bytes, as everything in this protocol. */
export function padded(bytes: Buffer): Buffer {
  const result = Buffer.alloc(paddedLength(bytes.length));
  result.set(bytes);
  return result;
}

function paddedLength(length: number): number {
  return Math.ceil(length / 4) * 4;
}
