import { MAGIC } from './header.ts';

/** Bytes to look at, whatever they are kept in. */
interface Bytes {
  readonly length: number;
  at(index: number): number | undefined;
}

const MAX_ID = 64;

/**
 * Whether a message begins at `start`: field 1, an id's length, an id. Every encoder
 * writes fields in order, so every message of a host does; stray bytes hardly ever do.
 * @returns the id; undefined where it is not there; `'short'` where more bytes must come
 */
export function leadingId(bytes: Bytes, start: number): string | undefined | 'short' {
  const tag = bytes.at(start);
  if (tag === undefined) return 'short';
  if (tag !== 0x0a) return undefined;
  const size = bytes.at(start + 1);
  if (size === undefined) return 'short';
  if (size < 1 || size > MAX_ID) return undefined;
  let id = '';
  for (let i = start + 2; i < start + 2 + size; i++) {
    const byte = bytes.at(i);
    if (byte === undefined) return 'short';
    if (!isIdByte(byte)) return undefined;
    id += String.fromCharCode(byte);
  }
  return id;
}

/** Whether a frame may begin at `start`; `'short'` where more bytes must come to tell. */
export function plausibleFrame(bytes: Bytes, start: number, maxBytes: number): boolean | 'short' {
  if (start + 4 > bytes.length) return 'short';
  let at = start;
  if (uint32(bytes, at) === MAGIC) {
    at += 4;
    if (at + 4 > bytes.length) return 'short';
  }
  const length = uint32(bytes, at);
  if (length < 3 || length > maxBytes) return false;
  const id = leadingId(bytes, at + 4);
  if (id === 'short') return 'short';
  if (id === undefined || length < id.length + 2) return false;
  if (length === id.length + 2) return true;
  const next = bytes.at(at + 4 + 2 + id.length);
  return next === undefined ? 'short' : isEnvelopeTag(next);
}

/** Timestamp, error, or a payload: all of them length-delimited. */
function isEnvelopeTag(byte: number): boolean {
  return byte === 0x12 || byte === 0x1a || (byte >= 0x52 && (byte & 7) === 2);
}

function isIdByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d
  );
}

function uint32(bytes: Bytes, index: number): number {
  let value = 0;
  for (let k = 0; k < 4; k++) value = value * 256 + (bytes.at(index + k) ?? 0);
  return value;
}
