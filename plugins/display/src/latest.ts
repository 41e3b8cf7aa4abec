/**
 * Does one thing at a time. Of those that wait under one key only the newest is done; those
 * that it superseded come to what it comes to.
 */
export class Latest<Task, Result> {
  readonly #run: (task: Task) => Promise<Result>;
  readonly #waiting = new Map<string, { task: Task; readonly done: Promise<Result> }>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(run: (task: Task) => Promise<Result>) {
    this.#run = run;
  }

  do(key: string, task: Task): Promise<Result> {
    const waiting = this.#waiting.get(key);
    if (waiting) {
      waiting.task = task;
      return waiting.done;
    }
    const done = this.#last.then(() => {
      const { task: newest } = this.#waiting.get(key) as { task: Task };
      this.#waiting.delete(key);
      return this.#run(newest);
    });
    this.#waiting.set(key, { task, done });
    this.#last = done.catch(() => {});
    return done;
  }
}
