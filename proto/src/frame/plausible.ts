import { MAGIC, MAX_HEADER, uint32 } from './header.ts';

export const MAX_ID = 64;
/** An envelope has four; a longer walk is somebody trying what it costs. */
const MAX_FIELDS = 8;
const LENGTH_DELIMITED = 2;

/** Yes, no, or not to be told before more bytes come. */
export type Verdict = boolean | 'short';

/**
 * Whether a message begins at `start`: field 1, an id's length, an id. Every encoder
 * writes fields in order, so every message of a host does; stray bytes hardly ever do.
 */
export function beginsWithId(bytes: Uint8Array, start: number): Verdict {
  const tag = bytes[start];
  if (tag === undefined) return 'short';
  if (tag !== 0x0a) return false;
  const size = bytes[start + 1];
  if (size === undefined) return 'short';
  if (size < 1 || size > MAX_ID) return false;
  for (let i = start + 2; i < start + 2 + size; i++) {
    const byte = bytes[i];
    if (byte === undefined) return 'short';
    if (!isIdByte(byte)) return false;
  }
  return true;
}

/** The id of a message that begins with one; undefined where it does not, or not yet. */
export function leadingId(bytes: Uint8Array, start: number): string | undefined {
  if (beginsWithId(bytes, start) !== true) return undefined;
  const size = bytes[start + 1] as number;
  return String.fromCharCode(...bytes.subarray(start + 2, start + 2 + size));
}

/**
 * Whether a frame may begin at `start`: a length within the limit, then a message that
 * begins with an id and whose fields end where the length says.
 */
export function plausibleFrame(bytes: Uint8Array, start: number, maxBytes: number): Verdict {
  let at = start;
  if (at + 4 > bytes.length) return 'short';
  if (uint32(bytes, at) === MAGIC) {
    at += 4;
    if (at + 4 > bytes.length) return 'short';
  }
  const length = uint32(bytes, at);
  at += 4;
  if (length < 3 || length > maxBytes) return false;
  const id = beginsWithId(bytes, at);
  if (id !== true) return id;
  return fieldsEndAt(bytes, at + 2 + (bytes[at + 1] as number), at + length);
}

/** Where the first plausible frame begins from `from` on and before `to`; `-1`: nowhere. */
export function findFrame(bytes: Uint8Array, from: number, to: number, maxBytes: number): number {
  const last = Math.min(bytes.length, to + MAX_HEADER);
  for (let i = from + 4; i < last; i++) {
    // An id's tag, and before it a length of not much over 16 MiB: that passes over most bytes.
    if (bytes[i] !== 0x0a || (bytes[i - 4] as number) > 1) continue;
    const start = i - 8 >= from && uint32(bytes, i - 8) === MAGIC ? i - 8 : i - 4;
    if (start < to && plausibleFrame(bytes, start, maxBytes) !== false) return start;
  }
  return -1;
}

/** Whether what begins at `start` would be answered like a message, if only with an error. */
export function mayFollow(bytes: Uint8Array, start: number, maxBytes: number): boolean {
  const at = start + (bytes.length >= start + 4 && uint32(bytes, start) === MAGIC ? 4 : 0);
  if (bytes.length <= at + 4) return true;
  const length = uint32(bytes, at);
  if (length > maxBytes) return beginsWithId(bytes, at + 4) !== false;
  return length === 0 || isEnvelopeTag(bytes[at + 4] as number);
}

/** Every field of an envelope is length-delimited. */
function isEnvelopeTag(byte: number): boolean {
  return (byte & 7) === LENGTH_DELIMITED && byte >= 0x0a;
}

/** Timestamp, error and payload are all length-delimited, and the last ends the message. */
function fieldsEndAt(bytes: Uint8Array, start: number, end: number): Verdict {
  let at = start;
  for (let count = 0; at < end; count++) {
    if (count === MAX_FIELDS) return false;
    const tagBytes = varintBytes(bytes, at, 4);
    if (typeof tagBytes !== 'number') return tagBytes;
    const tag = varint(bytes, at, tagBytes);
    if ((tag & 7) !== LENGTH_DELIMITED || tag >> 3 < 2) return false;
    at += tagBytes;
    const sizeBytes = varintBytes(bytes, at, 4);
    if (typeof sizeBytes !== 'number') return sizeBytes;
    at += sizeBytes + varint(bytes, at, sizeBytes);
  }
  return at === end;
}

/** How many bytes the varint at `at` has; false where that is more than `most`. */
function varintBytes(bytes: Uint8Array, at: number, most: number): number | false | 'short' {
  for (let i = 0; i < most; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return 'short';
    if (byte < 0x80) return i + 1;
  }
  return false;
}

function varint(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = (value << 7) | ((bytes[at + i] as number) & 0x7f);
  return value;
}

export function isIdByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d
  );
}
