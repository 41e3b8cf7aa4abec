/** Bytes; what the kernel does not say is absent. */
export interface MemoryUsage {
  readonly memoryTotalBytes: number;
  readonly memoryUsedBytes: number | undefined;
  readonly memoryAvailableBytes: number | undefined;
  readonly swapTotalBytes: number | undefined;
  readonly swapUsedBytes: number | undefined;
}

const FIELD =
  /^(MemTotal|MemFree|MemAvailable|Buffers|Cached|SReclaimable|Shmem|SwapTotal|SwapFree): *(\d{1,12}) kB/gm;

/**
 * @param text of /proc/meminfo
 * @throws Error where it does not say how much memory there is
 */
export function parseMemory(text: string): MemoryUsage {
  const fields = new Map<string, number>();
  for (const [, name, kibibytes] of text.matchAll(FIELD)) {
    fields.set(name as string, Number(kibibytes) * 1024);
  }
  const total = fields.get('MemTotal');
  if (total === undefined) throw new Error('/proc/meminfo has no MemTotal');
  const available = fields.get('MemAvailable') ?? estimateAvailable(fields);
  const swapTotal = fields.get('SwapTotal');
  const memoryUsedBytes = used(total, available);
  return {
    memoryTotalBytes: total,
    memoryUsedBytes,
    memoryAvailableBytes: memoryUsedBytes === undefined ? undefined : total - memoryUsedBytes,
    swapTotalBytes: swapTotal,
    swapUsedBytes: used(swapTotal, fields.get('SwapFree')),
  };
}

/** Before Linux 3.14: what is free, and the caches that can be dropped. */
function estimateAvailable(fields: ReadonlyMap<string, number>): number | undefined {
  const free = fields.get('MemFree');
  if (free === undefined) return undefined;
  const of = (name: string) => fields.get(name) ?? 0;
  return free + Math.max(0, of('Buffers') + of('Cached') + of('SReclaimable') - of('Shmem'));
}

function used(total: number | undefined, unused: number | undefined): number | undefined {
  return total === undefined || unused === undefined ? undefined : Math.max(0, total - unused);
}
