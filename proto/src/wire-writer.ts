import protobuf from 'protobufjs/minimal.js';
import type { Uint64 } from './gen/messages.ts';

export type WireWriter = protobuf.Writer;

type Long = Extract<Parameters<WireWriter['uint64']>[0], object>;

/** A bigint as protobufjs takes it; numbers pass through. */
export function wireUint64(value: Uint64): number | Long {
  if (typeof value === 'number') return value;
  const low = Number(BigInt.asIntN(32, value));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  return { low, high, unsigned: true } as Long;
}

/** A lone surrogate has no UTF-8: written as it is the receiver would refuse the message. */
export function wireString(value: string): string {
  return value.isWellFormed() ? value : value.toWellFormed();
}

export function createWriter(): WireWriter {
  return protobuf.Writer.create();
}
