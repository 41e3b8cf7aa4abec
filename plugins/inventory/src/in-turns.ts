import { setImmediate } from 'node:timers/promises';

/** What is done with these takes a millisecond or two. */
const PART = 1000;

/** A long list in parts, with a turn of the event loop after each. */
export async function* inTurns<T>(
  items: readonly T[],
  size: number = PART,
): AsyncGenerator<readonly T[]> {
  for (let from = 0; from < items.length; from += size) {
    yield items.slice(from, from + size);
    await setImmediate();
  }
}

/** Sorts a list of any length without holding the event loop. */
export async function sortedInTurns<T>(
  items: readonly T[],
  compare: (one: T, other: T) => number,
): Promise<readonly T[]> {
  let runs: (readonly T[])[] = [];
  for await (const part of inTurns(items)) runs.push(part.toSorted(compare));
  while (runs.length > 1) {
    const merged: (readonly T[])[] = [];
    // The engine's sort finds the two runs in the list, and merges them in linear time.
    for await (const pair of inTurns(runs, 2)) merged.push(pair.flat().sort(compare));
    runs = merged;
  }
  return runs[0] ?? [];
}
