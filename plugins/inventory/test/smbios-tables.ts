/** Tables of a firmware, byte by byte as DMTF's DSP0134 (3.7) has them. */
export function tables(...structures: readonly Buffer[]): Buffer {
  return Buffer.concat([...structures, structure(127, Buffer.alloc(0))]);
}

/** Header, fields, texts, and the zeros that end them. */
export function structure(type: number, fields: Buffer, ...texts: readonly string[]): Buffer {
  const header = Buffer.from([type, 4 + fields.length, 0, 0x11]);
  const strings = texts.length === 0 ? '\0\0' : `${texts.join('\0')}\0\0`;
  return Buffer.concat([header, fields, Buffer.from(strings, 'latin1')]);
}

export interface MemoryDevice {
  /** As the field holds it: MiB, 0 for an empty socket, 0x7fff: in `extendedSize`. */
  readonly size: number;
  readonly extendedSize?: number;
  /** 0x1a: DDR4, 0x22: DDR5 */
  readonly type?: number;
  /** 0xffff: in `extendedSpeed`. */
  readonly speed?: number;
  readonly configured?: number;
  readonly extendedConfigured?: number;
  /** Of the structure with its header: 0x15 in version 2.1, 0x28 in 2.8, 0x64 in 3.7. */
  readonly length?: number;
}

/** Type 17. */
export function memoryDevice(device: MemoryDevice): Buffer {
  const data = Buffer.alloc(0x64);
  data.writeUInt16LE(device.size, 0x0c);
  data[0x0e] = 0x09;
  data[0x10] = 1;
  data[0x12] = device.type ?? 0x02;
  data.writeUInt16LE(device.speed ?? 0, 0x15);
  data.writeUInt32LE(device.extendedSize ?? 0, 0x1c);
  data.writeUInt16LE(device.configured ?? 0, 0x20);
  data.writeUInt32LE(device.extendedConfigured ?? 0, 0x58);
  return structure(17, data.subarray(4, device.length ?? 0x28), 'DIMM A1');
}
