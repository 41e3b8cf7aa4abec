/**
 * Does one thing at a time. Of those that wait under one key only the newest is done, when it
 * is its own turn; those that it superseded come to what it comes to.
 */
export class Latest<Task, Result> {
  readonly #run: (task: Task) => Promise<Result>;
  readonly #waiting = new Map<
    string,
    { readonly task: Task; readonly done: PromiseWithResolvers<Result> }
  >();
  #busy = false;

  constructor(run: (task: Task) => Promise<Result>) {
    this.#run = run;
  }

  do(key: string, task: Task): Promise<Result> {
    const done = this.#waiting.get(key)?.done ?? Promise.withResolvers<Result>();
    // At the end of the line: two keys may be names of one thing.
    this.#waiting.delete(key);
    this.#waiting.set(key, { task, done });
    if (!this.#busy) void this.#work();
    return done.promise;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    // Of those that came at once the newest is enough.
    await Promise.resolve();
    for (const [key, { task, done }] of this.#waiting) {
      this.#waiting.delete(key);
      await this.#run(task).then(done.resolve, done.reject);
    }
    this.#busy = false;
  }
}
