import { cpuMs } from './proc.ts';

interface TransferMetrics {
  /** MiB a second. */
  readonly rate: number;
  /** Milliseconds of the server's CPU time for a MiB. */
  readonly cpu: number;
  readonly [metric: string]: number;
}

export async function measureTransfer(
  pid: number,
  mib: number,
  transfer: () => Promise<void>,
): Promise<TransferMetrics> {
  const cpu = cpuMs(pid);
  const begin = performance.now();
  await transfer();
  const seconds = (performance.now() - begin) / 1000;
  return { rate: mib / seconds, cpu: (cpuMs(pid) - cpu) / mib };
}
