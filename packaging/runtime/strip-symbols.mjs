const SHF_ALLOC = 2n;
const SHT_NOBITS = 8;
const ELF64_LITTLE_ENDIAN = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);

/**
 * An ELF file without symbol table and debug information: a sixth of Node.js, which nothing
 * loads. Done here because `strip` knows only the machine's own architecture.
 * @param {Buffer} elf
 * @returns {Buffer}
 */
export function stripSymbols(elf) {
  if (!elf.subarray(0, 6).equals(ELF64_LITTLE_ENDIAN)) throw new Error('not a 64-bit ELF file');
  const headers = sectionHeaders(elf);
  const names = headers[elf.readUInt16LE(62)];
  // Sections refer to each other by number: those that stay must keep theirs.
  const loaded = headers.filter((header, index) => index === 0 || isLoaded(header));
  const end = Math.max(...loaded.map(endOf));
  if (loaded.some((header, index) => header !== headers[index]) || headers.some(overlaps(end))) {
    throw new Error('sections that are loaded lie behind ones that are not');
  }
  const nameBytes = elf.subarray(offsetOf(names), endOf(names));
  const table = aligned(end + nameBytes.length);
  const stripped = Buffer.alloc(table + (loaded.length + 1) * names.length);
  elf.copy(stripped, 0, 0, end);
  nameBytes.copy(stripped, end);
  const movedNames = Buffer.from(names);
  movedNames.writeBigUInt64LE(BigInt(end), 24);
  for (const [index, header] of [...loaded, movedNames].entries()) {
    header.copy(stripped, table + index * header.length);
  }
  stripped.writeBigUInt64LE(BigInt(table), 40);
  stripped.writeUInt16LE(loaded.length + 1, 60);
  stripped.writeUInt16LE(loaded.length, 62);
  return stripped;
}

function sectionHeaders(elf) {
  const start = Number(elf.readBigUInt64LE(40));
  const size = elf.readUInt16LE(58);
  return Array.from({ length: elf.readUInt16LE(60) }, (_, index) =>
    elf.subarray(start + index * size, start + (index + 1) * size),
  );
}

function isLoaded(header) {
  return (header.readBigUInt64LE(8) & SHF_ALLOC) !== 0n;
}

function offsetOf(header) {
  return Number(header.readBigUInt64LE(24));
}

function endOf(header) {
  const size = header.readUInt32LE(4) === SHT_NOBITS ? 0 : Number(header.readBigUInt64LE(32));
  return offsetOf(header) + size;
}

function overlaps(end) {
  return (header) => !isLoaded(header) && endOf(header) > 0 && offsetOf(header) < end;
}

function aligned(offset) {
  return Math.ceil(offset / 8) * 8;
}
