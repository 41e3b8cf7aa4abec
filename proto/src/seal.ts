import type { Codec } from './codec-type.ts';
import { type EnvelopeHead, envelopeHead } from './envelope.ts';
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
  const data = bulk && (message as Record<string, unknown>)[bulk.name];
  const writer = createWriter();
  let tail: Uint8Array | undefined;
  if (bulk && data instanceof Uint8Array && data.length >= SPLICE_FROM) {
    tail = data;
    codec.write({ ...message, [bulk.name]: NO_BYTES }, writer);
    writer.uint32((bulk.number << 3) | 2).uint32(data.length);
  } else {
    codec.write(message, writer);
  }
  const body = writer.finish();
  const payloadBytes = body.length + (tail?.length ?? 0);
  const envelope = envelopeHead(head, payloadBytes);
  const header = frameHeader(dialect, envelope.length + payloadBytes);
  const bytes = header.length + envelope.length + payloadBytes;
  if (body.length < SPLICE_FROM) {
    const front = Buffer.concat([header, envelope, body]);
    return { parts: tail ? [front, tail] : [front], bytes };
  }
  const front = Buffer.concat([header, envelope]);
  return { parts: tail ? [front, body, tail] : [front, body], bytes };
}
