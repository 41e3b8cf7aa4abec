/**
 * How long to wait before attempt `attempt` (from 0): doubled each time, from `minMs` to
 * `maxMs`, of which a random half is taken off, so that clients do not come back all at once.
 */
export function backoffMs(attempt: number, minMs: number, maxMs: number): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30));
  return full * (0.5 + Math.random() / 2);
}
