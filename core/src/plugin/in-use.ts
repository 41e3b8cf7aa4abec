/** Counts the calls that use something, which is given up once none does. */
export class InUse {
  #calls = 0;
  readonly #waiting: (() => void)[] = [];

  get busy(): boolean {
    return this.#calls > 0;
  }

  enter(): void {
    this.#calls++;
  }

  leave(): void {
    this.#calls--;
    if (this.#calls === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when no call uses it. */
  async idle(): Promise<void> {
    if (this.busy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
