import type { XConnection } from './connection.ts';
import type { PropertyChanges } from './property-changes.ts';
import {
  ATOM,
  changeProperty,
  type Id,
  INTEGER,
  NONE,
  PROPERTY_CHANGES,
  type Property,
  selectEvents,
  selectionNotify,
  setSelectionOwner,
  words,
} from './requests.ts';

/** One form in which the selection is given to who asks for it. */
export interface Representation {
  readonly target: Id;
  /** Of the property that it is written to; for text not always the target. */
  readonly type: Id;
  readonly data: Buffer;
}

export interface OwnerOptions {
  readonly window: Id;
  readonly selection: Id;
  readonly changes: PropertyChanges;
}

interface Request {
  readonly time: number;
  readonly requestor: Id;
  readonly selection: Id;
  readonly target: Id;
  readonly property: Id;
}

/** Programs that take a large selection in parts, at the same time. */
const MAX_TRANSFERS = 16;
/** For the other program to take one part. */
const STEP_MS = 10_000;
/** Of a single property; what is longer goes in parts of that size. */
const MAX_PART_BYTES = 192 * 1024;
const REQUEST_OVERHEAD_BYTES = 64;

/** Owns a selection and gives it to who asks. */
export class SelectionOwner {
  readonly #x: XConnection;
  readonly #options: OwnerOptions;
  readonly #partBytes: number;
  #representations: readonly Representation[] = [];
  #since = 0;
  #transfers = 0;

  constructor(x: XConnection, options: OwnerOptions) {
    this.#x = x;
    this.#options = options;
    this.#partBytes = Math.min(MAX_PART_BYTES, x.setup.maxRequestBytes - REQUEST_OVERHEAD_BYTES);
  }

  /** @param time of the server: it refuses an owner from before the present one */
  own(representations: readonly Representation[], time: number): void {
    this.#representations = representations;
    this.#since = time;
    this.#x.send(setSelectionOwner(this.#options.window, this.#options.selection, time));
  }

  /** Somebody else owns it now, or nobody. */
  lose(): void {
    this.#representations = [];
  }

  /** Answers a SelectionRequest event. */
  async answer(event: Buffer): Promise<void> {
    const [time, requestor, selection, target, property] = [4, 12, 16, 20, 24].map((at) =>
      event.readUInt32LE(at),
    ) as [number, number, number, number, number];
    // Programs from before ICCCM name no property, and mean that of the target's name.
    const request = { time, requestor, selection, target, property: property || target };
    const where = { window: requestor, property: request.property };
    const given = selection === this.#options.selection && (await this.#give(where, target));
    if (typeof given === 'object') await this.#giveInParts(request, given);
    else this.#notify(request, given ? request.property : NONE);
  }

  /** @returns whether it was written, or what is to be given in parts */
  async #give(where: Property, target: Id): Promise<boolean | Representation> {
    if (this.#representations.length === 0) return false;
    const [targets, timestamp] = await Promise.all([
      this.#x.atom('TARGETS'),
      this.#x.atom('TIMESTAMP'),
    ]);
    if (target === targets) {
      const all = this.#representations.map((representation) => representation.target);
      this.#x.send(changeProperty(where, ATOM, 32, words(targets, timestamp, ...all)));
      return true;
    }
    if (target === timestamp) {
      this.#x.send(changeProperty(where, INTEGER, 32, words(this.#since)));
      return true;
    }
    const found = this.#representations.find((candidate) => candidate.target === target);
    if (!found) return false;
    if (found.data.length > this.#partBytes) return found;
    this.#x.send(changeProperty(where, found.type, 8, found.data));
    return true;
  }

  /** ICCCM's INCR: each part is written when the one before was taken. */
  async #giveInParts(request: Request, { type, data }: Representation): Promise<void> {
    const where = { window: request.requestor, property: request.property };
    if (this.#transfers === MAX_TRANSFERS) return this.#notify(request, NONE);
    this.#transfers += 1;
    const watch = this.#options.changes.watch(where, 'deleted');
    try {
      this.#x.send(selectEvents(where.window, PROPERTY_CHANGES));
      const incremental = await this.#x.atom('INCR');
      this.#x.send(changeProperty(where, incremental, 32, words(data.length)));
      this.#notify(request, request.property);
      for (let at = 0; at <= data.length + this.#partBytes; at += this.#partBytes) {
        await watch.next(STEP_MS);
        const part = data.subarray(at, at + this.#partBytes);
        this.#x.send(changeProperty(where, type, 8, part));
        // An empty part says that it is complete.
        if (part.length === 0) break;
      }
    } catch {
      // The other program gave up, or ended.
    } finally {
      watch.stop();
      this.#transfers -= 1;
      this.#x.send(selectEvents(where.window, 0));
    }
  }

  #notify(request: Request, property: Id): void {
    const where = { window: request.requestor, property };
    this.#x.send(selectionNotify(where, request));
  }
}
