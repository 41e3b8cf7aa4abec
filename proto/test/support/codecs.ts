import { type Codec, eventCodec, requestCodec, responseCodec } from '../../src/codec.ts';
import { EVENTS } from '../../src/event.ts';
import { type BulkField, METHODS } from '../../src/method.ts';

/** What a payload of AgentMessage is read and written with. */
export interface Payload {
  /** Field number in AgentMessage. */
  readonly field: number;
  // biome-ignore lint/suspicious/noExplicitAny: payloads of all types
  readonly codec: Codec<any>;
  readonly bulk: BulkField | undefined;
}

export const PAYLOADS: readonly Payload[] = [
  ...METHODS.map((m) => ({ field: m.request, codec: requestCodec(m), bulk: m.bulk.request })),
  ...METHODS.map((m) => ({ field: m.response, codec: responseCodec(m), bulk: m.bulk.response })),
  ...EVENTS.map((e) => ({ field: e.field, codec: eventCodec(e), bulk: e.bulk })),
];

export function payloadOf(field: number): Payload {
  const payload = PAYLOADS.find((p) => p.field === field);
  if (!payload) throw new Error(`no method and no event has the field ${field}`);
  return payload;
}
