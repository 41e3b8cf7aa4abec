import { smbiosStructures } from './smbios.ts';

export interface MemoryModules {
  /** Of the sockets those that hold one. */
  readonly count: number;
  /** `DDR4`; empty where unknown. */
  readonly type: string;
  /** Million transfers a second, which the trade calls MHz: what the slowest runs at. 0: unknown. */
  readonly speed: number;
}

const MEMORY_DEVICE = 17;

/** DSP0134, 7.18.2; 1 and 2 are other and unknown. */
const TYPES: readonly string[] = [
  ...['', '', '', 'DRAM', 'EDRAM', 'VRAM', 'SRAM', 'RAM', 'ROM', 'Flash', 'EEPROM', 'FEPROM'],
  ...['EPROM', 'CDRAM', '3DRAM', 'SDRAM', 'SGRAM', 'RDRAM', 'DDR', 'DDR2', 'DDR2 FB-DIMM'],
  ...['', '', '', 'DDR3', 'FBD2', 'DDR4', 'LPDDR', 'LPDDR2', 'LPDDR3', 'LPDDR4'],
  ...['Logical non-volatile', 'HBM', 'HBM2', 'DDR5', 'LPDDR5', 'HBM3'],
];

/** @param tables of /sys/firmware/dmi/tables/DMI; empty where the firmware has none */
export function memoryModules(tables: Buffer): MemoryModules {
  let count = 0;
  let type = '';
  let speed = 0;
  for (const structure of smbiosStructures(tables)) {
    if (structure.type !== MEMORY_DEVICE || word(structure.data, 0x0c) === 0) continue;
    count++;
    type ||= TYPES[byte(structure.data, 0x12)] ?? '';
    const own = speedOf(structure.data);
    if (own > 0) speed = speed === 0 ? own : Math.min(speed, own);
  }
  return { count, type, speed };
}

/** The configured one, else what it could do. */
function speedOf(data: Buffer): number {
  return speedAt(data, 0x20, 0x58) || speedAt(data, 0x15, 0x54);
}

/** What does not fit into a word stands elsewhere. */
function speedAt(data: Buffer, offset: number, extended: number): number {
  const speed = word(data, offset);
  if (speed !== 0xffff) return speed;
  return extended + 4 <= data.length ? data.readUInt32LE(extended) & 0x7fff_ffff : 0;
}

function byte(data: Buffer, offset: number): number {
  return data[offset] ?? 0;
}

function word(data: Buffer, offset: number): number {
  return offset + 2 <= data.length ? data.readUInt16LE(offset) : 0;
}
