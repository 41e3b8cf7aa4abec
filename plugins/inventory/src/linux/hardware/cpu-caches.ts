import type { SystemFiles } from '../system-files.ts';
import { inGroups } from './in-groups.ts';

/** Bytes of all caches of a level; a cache that CPUs share counts once. */
export interface CpuCaches {
  /** For data and for instructions. */
  readonly l1: number;
  readonly l2: number;
  readonly l3: number;
}

/** @param cpus the kernel's numbers of those that are online */
export async function readCpuCaches(
  files: SystemFiles,
  cpus: readonly number[],
): Promise<CpuCaches> {
  const bytes = { l1: 0, l2: 0, l3: 0 };
  const counted = new Set<string>();
  await inGroups(cpus, async (cpu) => {
    const directory = `/sys/devices/system/cpu/cpu${cpu}/cache`;
    for (const index of await files.names(directory)) {
      if (!index.startsWith('index')) continue;
      const of = (name: string) => files.text(`${directory}/${index}/${name}`);
      const cache = `${index} of ${(await of('shared_cpu_list')) || cpu}`;
      if (counted.has(cache)) continue;
      counted.add(cache);
      const level = `l${await of('level')}`;
      const size = bytesOf(await of('size'));
      if (level === 'l1' || level === 'l2' || level === 'l3') bytes[level] += size;
    }
  });
  return bytes;
}

/** `512K` */
function bytesOf(size: string): number {
  const [, count, unit] = /^(\d{1,9})([KM]?)$/.exec(size) ?? [];
  if (count === undefined) return 0;
  return Number(count) * { '': 1, K: 1024, M: 1024 * 1024 }[unit as '' | 'K' | 'M'];
}
