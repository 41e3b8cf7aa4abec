import { isUtf8 } from 'node:buffer';

/** How bytes travel in JSON. */
export type Encoding = 'utf-8' | 'base64';

export interface Encoded {
  readonly text: string;
  readonly encoding: Encoding;
}

/** As text where they are valid UTF-8, else as base64. */
export function encodeBytes(bytes: Uint8Array): Encoded {
  return isUtf8(bytes)
    ? { text: asBuffer(bytes).toString('utf8'), encoding: 'utf-8' }
    : base64(bytes);
}

/**
 * The same for bytes that go on elsewhere: a character that is cut off at their end is left
 * to what follows.
 */
export function encodePart(bytes: Uint8Array): Encoded & { readonly size: number } {
  const whole = bytes.subarray(0, wholeCharacters(bytes));
  // Where not even one character is whole, its bytes are all that can be given.
  return whole.length > 0 && isUtf8(whole)
    ? { ...encodeBytes(whole), size: whole.length }
    : { ...base64(bytes), size: bytes.length };
}

/** @throws TypeError naming `field` where the text is not of this encoding */
export function decodeBytes(field: string, text: string, encoding: Encoding): Uint8Array {
  if (encoding === 'utf-8') {
    // A lone surrogate would silently become U+FFFD.
    if (!text.isWellFormed()) throw new TypeError(`${field} must be well-formed Unicode`);
    return Buffer.from(text, 'utf8');
  }
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== base64Length(text)) {
    throw new TypeError(`${field} must be base64, with its padding`);
  }
  return bytes;
}

/** NaN where it cannot be base64. Buffer skips what is none, and takes the alphabet of URLs. */
function base64Length(text: string): number {
  if (text.length % 4 !== 0 || text.includes('-') || text.includes('_')) return Number.NaN;
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  return (text.length / 4) * 3 - padding;
}

function wholeCharacters(bytes: Uint8Array): number {
  const end = bytes.length;
  for (let back = 1; back <= Math.min(4, end); back++) {
    const byte = bytes[end - back] as number;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) return back < sequenceLength(byte) ? end - back : end;
  }
  return end;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

function base64(bytes: Uint8Array): Encoded {
  return { text: asBuffer(bytes).toString('base64'), encoding: 'base64' };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
