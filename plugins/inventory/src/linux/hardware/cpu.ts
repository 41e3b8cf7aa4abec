import type { SystemFiles } from '../system-files.ts';
import { type CpuIdentity, parseCpuInfo } from './cpu-info.ts';

/** What stays the same for all CPUs, whichever are online. */
export async function readCpuIdentity(files: SystemFiles): Promise<CpuIdentity> {
  const identity = parseCpuInfo((await files.bytes('/proc/cpuinfo')).toString());
  return { ...identity, mhz: (await nominalMhz(files)) || identity.mhz };
}

/** In a guest the kernel has no say over the frequency: what it measured at boot has to do. */
async function nominalMhz(files: SystemFiles): Promise<number> {
  const of = async (name: string) =>
    Number(await files.text(`/sys/devices/system/cpu/cpu0/cpufreq/${name}`)) / 1000 || 0;
  return (await of('base_frequency')) || (await of('cpuinfo_max_freq'));
}
