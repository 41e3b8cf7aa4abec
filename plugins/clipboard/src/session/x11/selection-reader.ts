import type { XConnection } from './connection.ts';
import type { PropertyChanges, PropertyWatch } from './property-changes.ts';
import {
  convertSelection,
  deleteProperty,
  type Id,
  type Property,
  takeProperty,
} from './requests.ts';

export interface ReaderOptions {
  readonly window: Id;
  readonly selection: Id;
  readonly changes: PropertyChanges;
  readonly maxBytes: number;
}

/** For every step of the program that owns the selection. */
const STEP_MS = 3000;
/** For a whole conversion: one that sends single bytes must not go on for ever. */
const CONVERSION_MS = 10_000;
/** A late answer to a conversion that was given up must not look like that of the next. */
const PROPERTIES = 8;

/** Asks the owner of a selection for it. One conversion at a time. */
export class SelectionReader {
  readonly #x: XConnection;
  readonly #options: ReaderOptions;
  #conversions = 0;
  #expected: { readonly property: Id; readonly answered: (given: Id) => void } | undefined;

  constructor(x: XConnection, options: ReaderOptions) {
    this.#x = x;
    this.#options = options;
  }

  /** Of a SelectionNotify event. */
  notify(event: Buffer): void {
    const property = event.readUInt32LE(20);
    if (property === 0 || property === this.#expected?.property) this.#expected?.answered(property);
  }

  /**
   * @returns undefined where the owner has no such representation
   * @throws Error where it does not answer
   */
  async convert(target: Id): Promise<Buffer | 'too large' | undefined> {
    this.#conversions += 1;
    const name = `LIMIQUANTIX_${this.#conversions % PROPERTIES}`;
    const { window, selection, changes } = this.#options;
    const where: Property = { window, property: await this.#x.atom(name) };
    const incremental = await this.#x.atom('INCR');
    this.#x.send(deleteProperty(where));
    this.#x.send(convertSelection(where, selection, target));
    if ((await this.#answer(where.property)) === 0) return undefined;
    const watch = changes.watch(where, 'written');
    try {
      const first = await this.#take(where);
      if (first === 'too large' || first.type !== incremental) return dataOf(first);
      return await this.#takeParts(where, watch);
    } finally {
      watch.stop();
    }
  }

  /**
   * To the end even where it is too large: an owner that is left in the middle would take
   * the next conversion for a part of this one.
   */
  async #takeParts(where: Property, watch: PropertyWatch): Promise<Buffer | 'too large'> {
    const { maxBytes } = this.#options;
    const deadline = performance.now() + CONVERSION_MS;
    let chunks: Buffer[] = [];
    let length = 0;
    for (;;) {
      await watch.next(Math.min(STEP_MS, Math.max(0, deadline - performance.now())));
      const part = await this.#take(where);
      if (part !== 'too large' && part.data.length === 0) break;
      length += part === 'too large' ? maxBytes + 1 : part.data.length;
      if (length > maxBytes) chunks = [];
      else if (part !== 'too large') chunks.push(part.data);
    }
    return length > maxBytes ? 'too large' : Buffer.concat(chunks);
  }

  async #answer(property: Id): Promise<Id> {
    const { promise, resolve, reject } = Promise.withResolvers<Id>();
    const timer = setTimeout(
      () => reject(new Error('the program that owns the clipboard does not answer')),
      STEP_MS,
    );
    this.#expected = { property, answered: resolve };
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#expected = undefined;
    }
  }

  /** Its deletion tells the owner that it may send the next part. */
  async #take(where: Property): Promise<{ type: Id; data: Buffer } | 'too large'> {
    const reply = await this.#x.ask(takeProperty(where, this.#options.maxBytes));
    const left = reply.readUInt32LE(12);
    if (left > 0) {
      this.#x.send(deleteProperty(where));
      return 'too large';
    }
    const bytes = reply.readUInt32LE(16) * ((reply[1] as number) / 8);
    return { type: reply.readUInt32LE(8), data: Buffer.from(reply.subarray(32, 32 + bytes)) };
  }
}

function dataOf(taken: { readonly data: Buffer } | 'too large'): Buffer | 'too large' {
  return taken === 'too large' ? taken : taken.data;
}
