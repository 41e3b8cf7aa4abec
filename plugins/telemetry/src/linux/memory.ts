import { Scanner } from './scanner.ts';

/** Bytes; what the kernel does not say is absent. */
export interface MemoryUsage {
  readonly memoryTotalBytes: number;
  readonly memoryUsedBytes: number | undefined;
  readonly memoryAvailableBytes: number | undefined;
  readonly swapTotalBytes: number | undefined;
  readonly swapUsedBytes: number | undefined;
}

/**
 * @param bytes of /proc/meminfo
 * @throws Error where it does not say how much memory there is
 */
export function parseMemory(bytes: Buffer): MemoryUsage {
  const total = field(bytes, 'MemTotal:');
  if (total === undefined) throw new Error('/proc/meminfo has no MemTotal');
  const available = field(bytes, '\nMemAvailable:') ?? estimateAvailable(bytes);
  const swapTotal = field(bytes, '\nSwapTotal:');
  const memoryUsedBytes = used(total, available);
  return {
    memoryTotalBytes: total,
    memoryUsedBytes,
    memoryAvailableBytes: memoryUsedBytes === undefined ? undefined : total - memoryUsedBytes,
    swapTotalBytes: swapTotal,
    swapUsedBytes: used(swapTotal, field(bytes, '\nSwapFree:')),
  };
}

/** Before Linux 3.14: what is free, and the caches that can be dropped. */
function estimateAvailable(bytes: Buffer): number | undefined {
  const free = field(bytes, '\nMemFree:');
  if (free === undefined) return undefined;
  const of = (name: string) => field(bytes, `\n${name}:`) ?? 0;
  return free + Math.max(0, of('Buffers') + of('Cached') + of('SReclaimable') - of('Shmem'));
}

/** The line above says where it begins: `SwapCached` is not `Cached`. The file counts in KiB. */
function field(bytes: Buffer, label: string): number | undefined {
  const at = bytes.indexOf(label, 0, 'latin1');
  const kibibytes = at < 0 ? undefined : new Scanner(bytes, at + label.length).number();
  return kibibytes === undefined ? undefined : kibibytes * 1024;
}

function used(total: number | undefined, unused: number | undefined): number | undefined {
  return total === undefined || unused === undefined ? undefined : Math.max(0, total - unused);
}
