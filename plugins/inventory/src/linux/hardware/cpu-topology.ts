import type { SystemFiles } from '../system-files.ts';
import { inGroups } from './in-groups.ts';

export interface CpuTopology {
  /** What the kernel schedules on: the CPUs that are online. */
  readonly threads: number;
  readonly cores: number;
  /** 0 where the firmware does not tell, as on some Arm boards. */
  readonly sockets: number;
}

/** @param cpus the kernel's numbers of those that are online */
export async function readCpuTopology(
  files: SystemFiles,
  cpus: readonly number[],
): Promise<CpuTopology> {
  const cores = new Set<string>();
  const sockets = new Set<string>();
  await inGroups(cpus, async (cpu) => {
    const directory = `/sys/devices/system/cpu/cpu${cpu}/topology`;
    const siblings = await files.text(`${directory}/thread_siblings_list`);
    cores.add(siblings || `only ${cpu}`);
    const socket = await files.text(`${directory}/physical_package_id`);
    if (/^\d+$/.test(socket)) sockets.add(socket);
  });
  return { threads: cpus.length, cores: cores.size, sockets: sockets.size };
}
