import { isUtf8 } from 'node:buffer';
import protobuf from 'protobufjs/minimal.js';
import type { Uint64 } from './gen/messages.ts';

/** How deep messages (and groups) may nest in one frame. */
const MAX_DEPTH = 32;
/** How many repeated items, submessages and unknown fields one frame may hold. */
const MAX_ELEMENTS = 65_536;
/** How many scalar fields: cheap to hold, but each takes its time to read. */
const MAX_SCALARS = 6 * MAX_ELEMENTS;
const BITS_28 = 2 ** 28;
const EIGHT_BYTES = new DataView(new ArrayBuffer(8));
/** In elements, besides one: a map looks up each key and grows by it. */
const ENTRY_COST = 3;
/** In scalars: reading a string twice. */
const VERIFY_COST = 8;
/** Up to this many bytes reading them one by one is faster than a call. */
const SHORT_TEXT = 8;

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** A map of a message: without a prototype, so that a key `__proto__` is only a key. */
export function stringMap(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}

/**
 * protobufjs's reader with a budget, counted before anything is allocated, so that no
 * frame costs more than its share of time and memory.
 *
 * While a submessage is read, `len` is its end: nothing can reach past its parent.
 * @throws Error where the bytes are not a message or the budget is spent
 */
export class WireReader extends protobuf.Reader {
  readonly #text: Buffer;
  #depth = 1;
  #elements = 0;
  #scalars = 0;
  /** The number that was read last, and whether it goes on. */
  #low = 0;
  #middle = 0;
  #high = 0;
  #more = false;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#text = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Enters a length-delimited field. @returns what {@link leave} needs */
  enter(): number {
    if (++this.#depth > MAX_DEPTH) throw new Error(`messages nest deeper than ${MAX_DEPTH}`);
    this.element();
    const size = this.size();
    const outer = this.len;
    const end = this.pos + size;
    if (end > outer) throw new Error(`a field of ${size} bytes ends outside its message`);
    this.len = end;
    return outer;
  }

  leave(outer: number): void {
    this.#depth--;
    this.len = outer;
  }

  element(cost = 1): void {
    this.#elements += cost;
    if (this.#elements > MAX_ELEMENTS) throw new Error(`more than ${MAX_ELEMENTS} elements`);
  }

  scalar(cost = 1): void {
    this.#scalars += cost;
    if (this.#scalars > MAX_SCALARS) throw new Error(`more than ${MAX_SCALARS} fields`);
  }

  /** Skips a field that the schema does not know. */
  unknown(tag: number): void {
    this.element();
    const field = tag >>> 3;
    if (field === 0) throw new Error('a field has the number 0');
    switch (tag & 7) {
      case 0:
        this.#readVarint64();
        return;
      case 1:
        this.skip(8);
        return;
      case 2:
        this.skip(this.size());
        return;
      case 3:
        this.#skipGroup(field);
        return;
      case 5:
        this.skip(4);
        return;
      default:
        throw new Error(`wire type ${tag & 7} does not exist`);
    }
  }

  #skipGroup(field: number): void {
    if (++this.#depth > MAX_DEPTH) throw new Error(`groups nest deeper than ${MAX_DEPTH}`);
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) === 4) {
        if (tag >>> 3 !== field) throw new Error('a group ends that did not begin');
        break;
      }
      this.unknown(tag);
    }
    this.#depth--;
  }

  /** The field's bytes as a view on the frame, not a copy. */
  bytesView(): Uint8Array {
    const start = this.#delimited();
    return this.buf.subarray(start, this.pos);
  }

  /** Half the time of a strict TextDecoder, which most of it spends on being called. */
  override stringVerify(): string {
    const start = this.#delimited();
    const end = this.pos;
    if (end - start <= SHORT_TEXT) {
      let ascii = '';
      let i = start;
      for (; i < end; i++) {
        const byte = this.buf[i] as number;
        if (byte >= 0x80) break;
        ascii += String.fromCharCode(byte);
      }
      if (i === end) return ascii;
    }
    const text = this.#text.toString('utf8', start, end);
    // What is not valid was replaced; but the replacement may also have been sent.
    if (text.includes('\ufffd')) this.#verify(start, end);
    return text;
  }

  #verify(start: number, end: number): void {
    this.scalar(VERIFY_COST);
    if (!isUtf8(this.buf.subarray(start, end))) throw new Error('a string is not valid UTF-8');
  }

  /** Passes over a length and as many bytes. @returns where those begin */
  #delimited(): number {
    // Making a string or a view takes twice the time of reading a number.
    this.scalar();
    const size = this.size();
    const start = this.pos;
    if (start + size > this.len) throw new Error(`${size} bytes end outside their message`);
    this.pos = start + size;
    return start;
  }

  mapEntry(into: Record<string, string>): void {
    const outer = this.enter();
    this.element(ENTRY_COST);
    let key = '';
    let value = '';
    while (this.pos < this.len) {
      this.scalar();
      const tag = this.tag();
      if (tag === 10) key = this.stringVerify();
      else if (tag === 18) value = this.stringVerify();
      else this.unknown(tag);
    }
    this.leave(outer);
    into[key] = value;
  }

  /** Exact: a bigint where a number would be rounded. */
  safeUint64(): Uint64 {
    this.#readVarint64();
    const upper = this.#high * BITS_28 + this.#middle;
    if (upper < 2 ** 25) return upper * BITS_28 + this.#low;
    // It takes memory, and as long again; put together by shifts it would take five times that.
    this.scalar();
    EIGHT_BYTES.setUint32(0, (this.#high << 24) | (this.#middle >>> 4));
    EIGHT_BYTES.setUint32(4, (this.#middle << 28) | this.#low);
    return EIGHT_BYTES.getBigUint64(0);
  }

  /** Seconds of a timestamp: beyond 2^53 the nearest number will do. */
  safeInt64(): number {
    this.#readVarint64();
    const signed = (this.#high << 24) >> 24;
    return (signed * BITS_28 + this.#middle) * BITS_28 + this.#low;
  }

  /** In parts of 28, 28 and 8 bits: numbers of which none needs memory of its own. */
  #readVarint64(): void {
    this.#middle = 0;
    this.#high = 0;
    this.#low = this.#groups(4);
    if (this.#more) this.#middle = this.#groups(4);
    if (this.#more) this.#high = this.#groups(2) & 0xff;
    if (this.#more) throw new Error('a number is longer than 64 bits');
  }

  /** Up to so many bytes of a varint, seven bits each. */
  #groups(most: number): number {
    let value = 0;
    for (let shift = 0; shift < 7 * most; shift += 7) {
      if (this.pos >= this.len) throw new Error('a number ends outside its message');
      const byte = this.buf[this.pos++] as number;
      value |= (byte & 0x7f) << shift;
      this.#more = byte >= 0x80;
      if (!this.#more) break;
    }
    return value;
  }
}
