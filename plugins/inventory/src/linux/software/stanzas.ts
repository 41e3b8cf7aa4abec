/** The fields of one package that somebody asked for. */
export type Stanza = ReadonlyMap<string, string>;

/** Longer than any that means something. */
const MAX_VALUE = 1024;

/**
 * Reads databases of the form that Debian's and Alpine's package managers write: a line for
 * each field, continued on lines that begin with a blank, and an empty line after a package.
 */
export class StanzaReader {
  readonly #wanted: ReadonlySet<string>;
  #stanza = new Map<string, string>();

  /** @param wanted names of fields; the others, and continued lines, are passed over */
  constructor(wanted: readonly string[]) {
    this.#wanted = new Set(wanted);
  }

  /** @returns the packages that these lines complete */
  take(lines: readonly string[]): Stanza[] {
    const complete: Stanza[] = [];
    for (const line of lines) {
      if (line === '') complete.push(...this.end());
      else this.#field(line);
    }
    return complete;
  }

  /** The last package needs no empty line behind it. */
  end(): Stanza[] {
    if (this.#stanza.size === 0) return [];
    const stanza = this.#stanza;
    this.#stanza = new Map();
    return [stanza];
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    if (colon < 0) return;
    const name = line.slice(0, colon);
    if (this.#wanted.has(name)) {
      this.#stanza.set(name, copied(line.slice(colon + 1, colon + 1 + MAX_VALUE).trim()));
    }
  }
}

/** A part of a string keeps all of it in memory: here the chunk of the file that it came in. */
function copied(part: string): string {
  return Buffer.from(part).toString();
}
