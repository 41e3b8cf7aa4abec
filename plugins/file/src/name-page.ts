/** How many names are taken before they are sorted and cut again. */
const SLACK = 1024;

/**
 * One page of a sorted listing, out of names that come in any order and any number: the
 * `limit` smallest after a given one. Holds no more than a page and its slack.
 *
 * Names are strings of bytes (latin1), so that comparing them compares the bytes, which is
 * an order that nothing about the other entries changes.
 */
export class NamePage {
  readonly #after: string;
  readonly #limit: number;
  #names: string[] = [];
  #cut = false;

  /** @param after a name that need not exist any more; empty: from the beginning */
  constructor(after: string, limit: number) {
    this.#after = after;
    this.#limit = limit;
  }

  offer(name: string): void {
    if (name <= this.#after) return;
    // Once the page was cut its last name is the largest that still can be on it.
    if (this.#cut && name >= (this.#names[this.#limit - 1] as string)) return;
    this.#names.push(name);
    if (this.#names.length >= this.#limit + SLACK) this.#shorten();
  }

  /** In order, and whether there are more after them. */
  finish(): { readonly names: readonly string[]; readonly more: boolean } {
    this.#shorten();
    return { names: this.#names, more: this.#cut };
  }

  #shorten(): void {
    // A directory that changes while it is read may give the same name twice.
    const sorted = [...new Set(this.#names)].sort();
    if (sorted.length > this.#limit) this.#cut = true;
    this.#names = sorted.slice(0, this.#limit);
  }
}
