import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  readonly waitMs: number;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/** Asks again and again. @returns the first answer; undefined where none came in time */
export async function until<T>(
  ask: () => Promise<T | undefined>,
  { waitMs, everyMs, signal }: UntilOptions,
): Promise<T | undefined> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() >= deadline) return answer;
    await sleep(everyMs);
    signal.throwIfAborted();
  }
}
