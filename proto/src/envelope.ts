import { isIdByte, MAX_ID } from './frame/plausible.ts';
import { timestampOf } from './timestamp.ts';
import { NO_BYTES, WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** An AgentMessage whose payload is still encoded. */
export interface Envelope {
  /** As sent; see {@link isMessageId}. */
  readonly id: string;
  /** The payload's field number; 0: the message has none. */
  readonly field: number;
  /** A view on the frame. */
  readonly payload: Uint8Array;
  /** Field 3, an encoded AgentError. */
  readonly error: Uint8Array | undefined;
}

const MESSAGE_ID = 1;
const ERROR_INFO = 3;
const FIRST_PAYLOAD = 10;
/** An envelope has four fields. More than this is somebody trying what it costs. */
const MAX_FIELDS = 64;
const NONE: readonly Uint8Array[] = [];

/** 1 to 64 of letters, digits and `-`. */
export function isMessageId(id: string): boolean {
  if (id.length < 1 || id.length > MAX_ID) return false;
  for (let i = 0; i < id.length; i++) if (!isIdByte(id.charCodeAt(i))) return false;
  return true;
}

/**
 * Reads id and payload's place without decoding the payload.
 * @throws Error where the frame is not an AgentMessage
 */
export function openEnvelope(frame: Uint8Array): Envelope {
  const reader = new WireReader(frame);
  let id = '';
  let field = 0;
  let payload: readonly Uint8Array[] = NONE;
  let error: Uint8Array | undefined;
  for (let count = 0; reader.pos < reader.len; count++) {
    if (count === MAX_FIELDS) throw new Error(`an envelope of more than ${MAX_FIELDS} fields`);
    const tag = reader.tag();
    const number = tag >>> 3;
    if ((tag & 7) !== 2) reader.unknown(tag);
    else if (number === MESSAGE_ID) id = reader.stringVerify();
    else if (number === ERROR_INFO) error = reader.bytesView();
    else if (number < FIRST_PAYLOAD) reader.unknown(tag);
    else {
      // The same member twice is merged, which for protobuf is the same as concatenated.
      const bytes = reader.bytesView();
      payload = number === field ? [...payload, bytes] : [bytes];
      field = number;
    }
  }
  return { id, field, payload: joined(payload), error };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length > 1 ? Buffer.concat(parts) : (parts[0] ?? NO_BYTES);
}

/** What goes into an envelope besides its payload. */
export interface EnvelopeHead {
  readonly id: string;
  readonly field: number;
  /** An encoded AgentError. */
  readonly error?: Uint8Array | undefined;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** Writes the envelope's bytes up to the payload's length. */
export function writeEnvelopeHead(head: EnvelopeHead, writer: WireWriter): void {
  const { seconds, nanos } = timestampOf(head.timestamp);
  writer.uint32(10).string(head.id);
  writer.uint32(18).fork().uint32(8).int64(seconds).uint32(16).int32(nanos).ldelim();
  if (head.error) writer.uint32(26).bytes(head.error);
  writer.uint32((head.field << 3) | 2);
}
