/** Work that may have to wait: what it yields comes back as its value, or as what it was rejected with. */
// biome-ignore lint/suspicious/noExplicitAny: each step knows what it asked for
export type Steps<T> = Generator<unknown, T, any>;

/**
 * Does the work at once where nothing that it yields is a promise: most requests are served
 * before the next one is looked at, without a promise being made.
 * @throws what the work throws before it waits
 */
export function proceed<T>(steps: Steps<T>, from?: IteratorResult<unknown, T>): T | Promise<T> {
  let step = from ?? steps.next();
  while (!step.done) {
    if (step.value instanceof Promise) {
      return step.value.then(
        (value) => proceed(steps, steps.next(value)),
        (reason) => proceed(steps, steps.throw(reason)),
      );
    }
    step = steps.next(step.value);
  }
  return step.value;
}
