import { quantile } from './statistics.ts';

export interface Latency {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly [metric: string]: number;
}

/** One call after the other. */
export async function measureLatency(
  count: number,
  call: () => Promise<unknown>,
): Promise<Latency> {
  const latencies: number[] = [];
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    await call();
    latencies.push(performance.now() - begin);
  }
  return latencyOf(latencies);
}

/** @param latencies milliseconds, in any order */
export function latencyOf(latencies: readonly number[]): Latency {
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}
