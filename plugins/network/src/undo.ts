type Step = () => Promise<void>;

/** How to take back what was done so far. */
export class Undo {
  readonly #steps: Step[] = [];

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  add(step: Step): void {
    this.#steps.push(step);
  }

  /**
   * The last step first, all of them whatever becomes of one.
   * @returns what went wrong
   */
  async run(): Promise<string[]> {
    const problems: string[] = [];
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        problems.push((error as Error).message);
      }
    }
    return problems;
  }
}
