/** One structure of the firmware's tables (DMTF DSP0134), without its texts. */
export interface SmbiosStructure {
  readonly type: number;
  /** With its header of four bytes; fields that would lie behind its end are not there. */
  readonly data: Buffer;
}

const HEADER = 4;
const END_OF_TABLE = 127;
/** What stands behind a structure's texts, or behind the structure where it has none. */
const END_OF_TEXTS = Buffer.alloc(2);
/** Larger than the tables of a server with a hundred modules. */
const MAX_BYTES = 256 * 1024;

/**
 * The structures of the tables, up to where they end or stop making sense: what was read
 * until then holds.
 * @param tables of /sys/firmware/dmi/tables/DMI
 */
export function* smbiosStructures(tables: Buffer): Generator<SmbiosStructure> {
  const bytes = tables.subarray(0, MAX_BYTES);
  let offset = 0;
  while (offset + HEADER <= bytes.length) {
    const type = bytes.readUInt8(offset);
    const behind = offset + bytes.readUInt8(offset + 1);
    if (behind < offset + HEADER || behind > bytes.length) return;
    yield { type, data: bytes.subarray(offset, behind) };
    const end = bytes.indexOf(END_OF_TEXTS, behind);
    if (end < 0 || type === END_OF_TABLE) return;
    offset = end + END_OF_TEXTS.length;
  }
}
