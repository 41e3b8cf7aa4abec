/** What an agent logs in minutes of a freeze, unless its host makes it say the same again and again. */
const MAX_LINES = 1000;

/** Log lines that wait in memory: the oldest ones, with the count of those that found no room. */
export class HeldLines<Line> {
  readonly #lines: Line[] = [];
  #dropped = 0;

  add(line: Line): void {
    if (this.#lines.length < MAX_LINES) this.#lines.push(line);
    else this.#dropped++;
  }

  get lines(): readonly Line[] {
    return this.#lines;
  }

  get dropped(): number {
    return this.#dropped;
  }
}
