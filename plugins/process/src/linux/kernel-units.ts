import { readFileSync } from 'node:fs';

// Tags of getauxval(3).
const AT_PAGESZ = 6n;
const AT_CLKTCK = 17n;

/** The units that the kernel counts in. */
export interface KernelUnits {
  readonly pageBytes: number;
  readonly ticksPerSecond: number;
}

/** From the auxiliary vector: Node has no sysconf, and pages of 16 or 64 KiB are common on ARM. */
export function readKernelUnits(path = '/proc/self/auxv'): KernelUnits {
  const words = new BigUint64Array(new Uint8Array(readFileSync(path)).buffer);
  const vector = new Map<bigint, number>();
  for (let i = 0; i + 1 < words.length; i += 2)
    vector.set(words[i] as bigint, Number(words[i + 1]));
  return {
    pageBytes: vector.get(AT_PAGESZ) ?? 4096,
    ticksPerSecond: vector.get(AT_CLKTCK) ?? 100,
  };
}
