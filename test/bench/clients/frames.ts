import { type Init, type Method, Ping } from '@limiquantix/agent-proto';
import { requestCodec, seal } from '@limiquantix/agent-proto/codec';
import type { OnAnswer, Request, Scanner } from './peer.ts';

const HEADER_BYTES = 4;
/** An envelope's id, time and payload's tag, and some of the payload. */
const HEAD_BYTES = 256;
const ERROR_INFO = 3;
const FIRST_PAYLOAD = 10;
/** Events that nobody asked for begin here; the error event is an answer too. */
const FIRST_EVENT = 100;
const ERROR_EVENT = 102;

/** Counts the agent's frames through, and copies no more of each than its beginning. */
export function frameScanner(onAnswer: OnAnswer, onEvent: OnAnswer = () => undefined): Scanner {
  const head = Buffer.alloc(HEADER_BYTES + HEAD_BYTES);
  let have = 0;
  let rest = 0;
  return (bytes) => {
    for (let at = 0; at < bytes.length; ) {
      if (rest > 0) {
        const step = Math.min(rest, bytes.length - at);
        rest -= step;
        at += step;
      } else {
        const wanted = have < HEADER_BYTES ? HEADER_BYTES : frameHead(head);
        const step = Math.min(wanted - have, bytes.length - at);
        head.set(bytes.subarray(at, at + step), have);
        have += step;
        at += step;
        if (have < HEADER_BYTES || have < frameHead(head)) continue;
        rest = HEADER_BYTES + head.readUInt32BE(0) - have;
      }
      if (rest > 0) continue;
      take(head.subarray(HEADER_BYTES, have), onAnswer, onEvent);
      have = 0;
    }
  };
}

function frameHead(head: Buffer): number {
  return HEADER_BYTES + Math.min(head.readUInt32BE(0), HEAD_BYTES);
}

function take(head: Buffer, onAnswer: OnAnswer, onEvent: OnAnswer): void {
  for (let at = 0; at < head.length; ) {
    const [tag, behindTag] = varint(head, at);
    const field = tag >>> 3;
    const [length, value] = varint(head, behindTag);
    if (field === ERROR_INFO || field === ERROR_EVENT) {
      throw new Error(`the agent answered with a failure: ${printable(head.subarray(value))}`);
    }
    if (field >= FIRST_PAYLOAD) {
      const tell = field < FIRST_EVENT ? onAnswer : onEvent;
      tell(field, head.subarray(value));
      return;
    }
    at = value + length;
  }
  throw new Error('the agent sent a frame without a payload');
}

function varint(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
}

function printable(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[^ -~]+/g, ' ');
}

/** A request's frame, with an id as long as a host's. */
export function frameOf<Req, Res>(
  method: Method<Req, Res>,
  message: Init<Req>,
  number: number,
): Request {
  const id = `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
  const head = { id, field: method.request, timestamp: Date.now() };
  return seal('plain', head, requestCodec(method), message, method.bulk.request).parts;
}

export function pings(count: number): Request[] {
  return Array.from({ length: count }, (_, i) => frameOf(Ping, { sequence: i }, i));
}
