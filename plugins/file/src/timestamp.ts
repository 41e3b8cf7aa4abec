import type { Timestamp } from '@limiquantix/plugin-sdk';

const SECOND = 1_000_000_000n;

/** Nanoseconds since the epoch as a timestamp, exactly: tools compare them for equality. */
export function timestampOfNs(ns: bigint): Timestamp {
  const nanos = ((ns % SECOND) + SECOND) % SECOND;
  return { seconds: Number((ns - nanos) / SECOND), nanos: Number(nanos) };
}
