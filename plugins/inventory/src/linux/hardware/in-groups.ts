/** A large guest has hundreds of CPUs with twenty files each. */
const TOGETHER = 8;

/** Does the same for all, for a few at the same time. */
export async function inGroups<T>(
  all: readonly T[],
  each: (one: T) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < all.length; from += TOGETHER) {
    await Promise.all(all.slice(from, from + TOGETHER).map(each));
  }
}
