import type { Sources } from '../sources.ts';
import { CpuMeter } from './cpu.ts';
import { DiskReader } from './disks.ts';
import { InterfaceReader } from './interfaces.ts';
import { parseKernelStat } from './kernel-stat.ts';
import { parseLoad } from './load.ts';
import { parseMemory } from './memory.ts';
import { ProcFile } from './proc-file.ts';
import { ProcessCounter } from './process-count.ts';
import { parseUptime } from './uptime.ts';

/** A report's sources on Linux: /proc, /sys and statfs. Nothing is opened before it is read. */
export function openSources(): Sources {
  const stat = new ProcFile('/proc/stat');
  const meter = new CpuMeter();
  const memory = new ProcFile('/proc/meminfo');
  const load = new ProcFile('/proc/loadavg');
  const uptime = new ProcFile('/proc/uptime');
  const disks = new DiskReader();
  const interfaces = new InterfaceReader();
  const processes = new ProcessCounter();
  return {
    cpu() {
      const sample = parseKernelStat(stat.read());
      return { ...meter.measure(sample), bootedAt: sample.bootedAt };
    },
    memory: () => parseMemory(memory.read()),
    disks: () => disks.read(),
    interfaces: (addresses) => interfaces.read(addresses),
    load: () => parseLoad(load.read()),
    uptime: () => parseUptime(uptime.read()),
    processCount: () => processes.count(),
    close() {
      for (const file of [stat, memory, load, uptime, disks, interfaces]) file.close();
    },
  };
}
