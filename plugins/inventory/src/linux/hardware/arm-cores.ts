/**
 * Arm's MIDR_EL1 register: who made a core, and which. The kernel only gives the numbers.
 * Those of servers and their clouds; the names are the ones that lscpu prints.
 */
const IMPLEMENTERS: ReadonlyMap<number, string> = new Map([
  [0x41, 'ARM'],
  [0x42, 'Broadcom'],
  [0x43, 'Cavium'],
  [0x46, 'FUJITSU'],
  [0x48, 'HiSilicon'],
  [0x4e, 'NVIDIA'],
  [0x50, 'APM'],
  [0x51, 'Qualcomm'],
  [0x61, 'Apple'],
  [0x6d, 'Microsoft'],
  [0x70, 'Phytium'],
  [0xc0, 'Ampere'],
]);

/** Implementer in the upper byte, part in the lower 12 bits. */
const CORES: ReadonlyMap<number, string> = new Map([
  [0x41_d03, 'Cortex-A53'],
  [0x41_d05, 'Cortex-A55'],
  [0x41_d07, 'Cortex-A57'],
  [0x41_d08, 'Cortex-A72'],
  [0x41_d09, 'Cortex-A73'],
  [0x41_d0a, 'Cortex-A75'],
  [0x41_d0b, 'Cortex-A76'],
  [0x41_d0c, 'Neoverse-N1'],
  [0x41_d40, 'Neoverse-V1'],
  [0x41_d41, 'Cortex-A78'],
  [0x41_d49, 'Neoverse-N2'],
  [0x41_d4a, 'Neoverse-E1'],
  [0x41_d4f, 'Neoverse-V2'],
  [0x41_d84, 'Neoverse-V3'],
  [0x41_d8e, 'Neoverse-N3'],
  [0x43_0af, 'ThunderX2-99xx'],
  [0x46_001, 'A64FX'],
  [0x48_d01, 'TaiShan-v110'],
  [0x48_d02, 'TaiShan-v120'],
  [0xc0_ac3, 'Ampere-1'],
  [0xc0_ac4, 'Ampere-1a'],
]);

export function implementerName(implementer: number): string {
  return IMPLEMENTERS.get(implementer) ?? '';
}

export function coreName(implementer: number, part: number): string {
  return CORES.get(implementer * 0x1000 + part) ?? '';
}
