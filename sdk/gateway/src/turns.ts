import { setImmediate } from 'node:timers/promises';

/** What is done for ten thousand VMs must not hold up the call to one of them. */
const TURN_MS = 4;

/** Does it with every item; calls and events have their turn every few milliseconds. */
export async function inTurns<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let began = performance.now();
  for (const item of items) {
    work(item);
    if (performance.now() - began < TURN_MS) continue;
    await setImmediate();
    began = performance.now();
  }
}
