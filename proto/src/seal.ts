import type { Codec } from './codec-type.ts';
import { type EnvelopeHead, writeEnvelopeHead } from './envelope.ts';
import { type Dialect, frameHeader } from './frame/header.ts';
import type { Init } from './init.ts';
import type { BulkField } from './method.ts';
import { NO_BYTES } from './wire-reader.ts';
import { createWriter } from './wire-writer.ts';

/** A frame ready to be written: its parts in order, and their length together. */
export interface SealedFrame {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
}

/** Below this a copy is cheaper than one more buffer to write. */
const SPLICE_FROM = 4096;

/** Where the length will stand once it is known. */
const HEADERS = { plain: frameHeader('plain', 0), magic: frameHeader('magic', 0) } as const;

/**
 * Encodes a message into a frame. A large `bytes` field named by `bulk` becomes a part
 * of its own, uncopied, behind the message's other fields: protobuf lets fields come in
 * any order.
 */
export function seal<T>(
  dialect: Dialect,
  head: EnvelopeHead,
  codec: Codec<T>,
  message: Init<T>,
  bulk?: BulkField,
): SealedFrame {
  const writer = createWriter().raw(HEADERS[dialect]);
  writeEnvelopeHead(head, writer);
  const data = bulk && (message as Record<string, unknown>)[bulk.name];
  const apart = data instanceof Uint8Array && data.length >= SPLICE_FROM;
  if (bulk && apart) {
    const others = createWriter();
    codec.write({ ...message, [bulk.name]: NO_BYTES }, others);
    others.uint32((bulk.number << 3) | 2).uint32(data.length);
    const written = others.finish(true);
    writer.uint32(written.length + data.length).raw(written);
  } else {
    writer.fork();
    codec.write(message, writer);
    writer.ldelim();
  }
  // A writer's own buffer may have twice the room, which a long message must not hold on to.
  const front = writer.finish(writer.pos < SPLICE_FROM);
  const bytes = front.length + (apart ? data.length : 0);
  const header = HEADERS[dialect].length;
  setUint32(front, header - 4, bytes - header);
  return { parts: apart ? [front, data] : [front], bytes };
}

/** Big-endian. */
function setUint32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 3; i >= 0; i--) bytes[at + 3 - i] = value >>> (8 * i);
}
