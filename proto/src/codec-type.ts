import type { Init } from './init.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** Reads and writes one message type; the functions are generated from the schema. */
export interface Codec<T> {
  readonly name: string;
  readonly read: (reader: WireReader) => T;
  readonly write: (message: Init<T>, writer: WireWriter) => void;
}
