import protobuf from 'protobufjs/minimal.js';
import type { Uint64 } from './gen/messages.ts';

/** How deep messages (and groups) may nest in one frame. */
export const MAX_DEPTH = 32;
/** How many repeated items, submessages and unknown fields one frame may hold. */
export const MAX_ELEMENTS = 65_536;
/** How many scalar fields: cheap to hold, but each takes its time to read. */
const MAX_SCALARS = 1_048_576;

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
  #depth = 1;
  #elements = 0;
  #scalars = 0;

  /** Enters a length-delimited field. @returns what {@link leave} needs */
  enter(): number {
    if (++this.#depth > MAX_DEPTH) throw new Error(`messages nest deeper than ${MAX_DEPTH}`);
    this.element();
    const size = this.uint32();
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

  element(): void {
    if (++this.#elements > MAX_ELEMENTS) throw new Error(`more than ${MAX_ELEMENTS} elements`);
  }

  scalar(): void {
    if (++this.#scalars > MAX_SCALARS) throw new Error(`more than ${MAX_SCALARS} fields`);
  }

  /** Skips a field that the schema does not know. */
  unknown(tag: number): void {
    this.element();
    const field = tag >>> 3;
    if (field === 0) throw new Error('a field has the number 0');
    switch (tag & 7) {
      case 0:
        this.skip();
        return;
      case 1:
        this.skip(8);
        return;
      case 2:
        this.skip(this.uint32());
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
    const size = this.uint32();
    const start = this.pos;
    if (start + size > this.len) throw new Error(`${size} bytes end outside their message`);
    this.pos = start + size;
    return this.buf.subarray(start, this.pos);
  }

  mapEntry(into: Record<string, string>): void {
    const outer = this.enter();
    let key = '';
    let value = '';
    while (this.pos < this.len) {
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
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    const fifth = this.#byte();
    low = (low | ((fifth & 0x0f) << 28)) >>> 0;
    let high = (fifth & 0x70) >> 4;
    if (fifth >= 0x80) {
      for (let shift = 3; ; shift += 7) {
        if (shift > 31) throw new Error('a number is longer than 64 bits');
        const byte = this.#byte();
        high = (high | ((byte & 0x7f) << shift)) >>> 0;
        if (byte < 0x80) break;
      }
    }
    if (high < 0x20_0000) return high * 0x1_0000_0000 + low;
    return (BigInt(high) << 32n) | BigInt(low);
  }

  /** Seconds of a timestamp: beyond 2^53 the nearest number will do. */
  safeInt64(): number {
    return Number(BigInt.asIntN(64, BigInt(this.safeUint64())));
  }

  #byte(): number {
    if (this.pos >= this.len) throw new Error('a number ends outside its message');
    return this.buf[this.pos++] as number;
  }
}
