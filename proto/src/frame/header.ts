/** How a peer frames its messages: a bare length, or the magic `QTX1` and a length. */
export type Dialect = 'plain' | 'magic';

/** `QTX1`. Read as a length it is 1.3 GB, so it can never be one. */
export const MAGIC = 0x51545801;

/** Bytes of the magic and a length. */
export const MAX_HEADER = 8;

export const DEFAULT_MAX_MESSAGE_BYTES: number = 4 * 1024 * 1024;
/** No configuration allows longer messages. */
export const HARD_MAX_MESSAGE_BYTES: number = 16 * 1024 * 1024;

/** The bytes before a message of `length` bytes. */
export function frameHeader(dialect: Dialect, length: number): Uint8Array {
  const header = Buffer.allocUnsafe(dialect === 'magic' ? 8 : 4);
  if (dialect === 'magic') header.writeUInt32BE(MAGIC, 0);
  header.writeUInt32BE(length, header.length - 4);
  return header;
}

export interface Header {
  /** Its own bytes. */
  readonly header: number;
  /** The message's. */
  readonly length: number;
  readonly dialect: Dialect;
}

/** What a frame says whose first bytes lie here; undefined where too few of them are there. */
export function announcedBy(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): Header | undefined {
  if (end - start < 4) return undefined;
  const first = uint32(bytes, start);
  if (first !== MAGIC) return { header: 4, length: first, dialect: 'plain' };
  if (end - start < 8) return undefined;
  return { header: 8, length: uint32(bytes, start + 4), dialect: 'magic' };
}

/** Big-endian. */
export function uint32(bytes: Uint8Array, index: number): number {
  let value = 0;
  for (let k = index; k < index + 4; k++) value = value * 256 + (bytes[k] as number);
  return value;
}
