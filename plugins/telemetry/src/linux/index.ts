import { loadavg, uptime } from 'node:os';
import { guestAddresses } from '@limiquantix/plugin-sdk/guest';
import type { Sources } from '../sources.ts';
import { Aged } from './aged.ts';
import { CpuMeter } from './cpu.ts';
import { DiskReader } from './disks.ts';
import { InterfaceReader, lacksAddress } from './interfaces.ts';
import { parseKernelStat } from './kernel-stat.ts';
import { parseMemory } from './memory.ts';
import { ProcFile } from './proc-file.ts';
import { ProcessCounter } from './process-count.ts';

/**
 * How old may be what a report says of disks and addresses. They are the half of its cost: a
 * thread has to ask each disk, and the kernel to list all that it knows of every interface.
 */
const MAX_AGE_MS = 15_000;

/** A report's sources on Linux: /proc, /sys and statfs. Nothing is opened before it is read. */
export function openSources(): Sources {
  const stat = new ProcFile('/proc/stat');
  const meter = new CpuMeter();
  const memory = new ProcFile('/proc/meminfo');
  const disks = new DiskReader();
  const diskRows = new Aged(MAX_AGE_MS, () => disks.read());
  const addresses = new Aged(MAX_AGE_MS, () => guestAddresses());
  const interfaces = new InterfaceReader({ attributesMaxAgeMs: MAX_AGE_MS });
  const processes = new ProcessCounter();
  return {
    cpu() {
      const sample = parseKernelStat(stat.read());
      const { percent, cores } = meter.measure(sample);
      return { percent, cores, bootedAt: sample.bootedAt };
    },
    memory: () => parseMemory(memory.read()),
    disks: () => diskRows.get(),
    addresses: () => addresses.get(),
    interfaces(known) {
      const rows = interfaces.read(known);
      // It may get one at any moment, which the host waits for.
      if (rows.some(lacksAddress)) addresses.expire();
      return rows;
    },
    load: loadavg,
    uptime: () => Math.floor(uptime()),
    processCount: () => processes.count(),
    close() {
      for (const file of [stat, memory, disks, interfaces]) file.close();
    },
  };
}
