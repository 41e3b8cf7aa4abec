/** Work that may have to wait: it yields the promises that it waits for, and nothing else. */
// biome-ignore lint/suspicious/noExplicitAny: each step knows what it waits for
export type Steps = Generator<Promise<unknown>, void, any>;

/**
 * Does the work at once as far as it need not wait: most requests are served before the next one
 * is looked at, without a promise being made.
 * @returns undefined where it came to its end
 * @throws what the work throws before it waits
 */
export function proceed(
  steps: Steps,
  step: IteratorResult<Promise<unknown>, void> = steps.next(),
): Promise<void> | undefined {
  if (step.done) return undefined;
  return step.value.then(
    (value) => proceed(steps, steps.next(value)),
    (reason) => proceed(steps, steps.throw(reason)),
  );
}
