import { ByteQueue } from './byte-queue.ts';
import {
  DEFAULT_MAX_MESSAGE_BYTES,
  type Dialect,
  HARD_MAX_MESSAGE_BYTES,
  MAGIC,
} from './header.ts';
import { leadingId, plausibleFrame } from './plausible.ts';

/** Why bytes were not taken as a message. */
export interface FrameFault {
  /** `lost`: no frame began where one should; the decoder looks for the next one. */
  readonly kind: 'empty' | 'too-large' | 'lost';
  /** Of the message that was refused, where it could be read. */
  readonly id: string | undefined;
  /** The length that it announced. */
  readonly length: number;
}

export interface FrameDecoderOptions {
  /** @default 4 MiB; never more than 16 MiB */
  readonly maxBytes?: number | undefined;
  /** A partial frame older than this is given up. @default 30,000 ms */
  readonly partialMs?: number | undefined;
  /**
   * Takes a message. The bytes may be a view on what was pushed.
   * @returns false where it is not a message, so that the framing itself is in doubt
   */
  readonly onFrame: (message: Uint8Array, dialect: Dialect) => boolean;
  readonly onFault: (fault: FrameFault) => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** How long a frame is waited for that does not begin as every message does. */
const DOUBTFUL_MS = 1000;

type State =
  | { readonly at: 'header' }
  | {
      readonly at: 'body';
      readonly header: number;
      readonly length: number;
      readonly dialect: Dialect;
    }
  | { readonly at: 'skip'; left: number }
  | { readonly at: 'scan' };

const HEADER: State = { at: 'header' };
const SCAN: State = { at: 'scan' };

/**
 * Cuts a byte stream into messages, in either dialect, in any chunks.
 *
 * The stream has no marker, so a host that leaves in the middle of a frame could put
 * every later frame out of step. Wherever the bytes cannot be a frame the decoder scans
 * for the next place that looks like one: a plausible length, then field 1 with an id.
 * Memory: never more than one frame of the limit's size, and grown only as bytes arrive.
 */
export class FrameDecoder {
  readonly #queue = new ByteQueue();
  readonly #options: FrameDecoderOptions;
  readonly #maxBytes: number;
  readonly #partialMs: number;
  readonly #now: () => number;
  #state: State = HEADER;
  /** When the frame that is being read began to arrive. */
  #since: number | undefined;
  /** A run of stray bytes is one fault. */
  #lost = false;

  constructor(options: FrameDecoderOptions) {
    this.#options = options;
    this.#maxBytes = Math.min(
      options.maxBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
      HARD_MAX_MESSAGE_BYTES,
    );
    this.#partialMs = options.partialMs ?? 30_000;
    this.#now = options.now ?? performance.now.bind(performance);
  }

  /** Whether bytes wait for more of their frame; then {@link expire} must be called in time. */
  get partial(): boolean {
    return this.#since !== undefined;
  }

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
    this.#run();
  }

  /** Forgets what a peer that left had begun to send. */
  reset(): void {
    this.#queue.clear();
    this.#state = HEADER;
    this.#since = undefined;
    this.#lost = false;
  }

  /** Gives up on a frame that does not come to its end. To be called about once a second. */
  expire(): void {
    if (this.#since === undefined) return;
    const age = this.#now() - this.#since;
    const state = this.#state;
    const patience = this.#doubtful() ? Math.min(DOUBTFUL_MS, this.#partialMs) : this.#partialMs;
    if (age < patience) return;
    if (state.at === 'body') {
      this.#fault('lost', idOrUndefined(leadingId(this.#queue, state.header)), state.length);
      this.#queue.skip(state.header);
    } else if (state.at === 'header') {
      if (this.#announcesTooMuch()) this.#fault('too-large', undefined, this.#announced().length);
      else this.#fault('lost', undefined, 0);
      this.#queue.skip(1);
    } else if (state.at === 'scan') {
      this.#queue.skip(1);
    }
    this.#restart(SCAN);
    this.#run();
  }

  #run(): void {
    while (this.#queue.length > 0 && this.#step()) {
      // Each step consumes bytes or changes the state.
    }
    if (this.#queue.length === 0 && this.#state.at !== 'skip') this.#since = undefined;
    else this.#since ??= this.#now();
  }

  #restart(state: State): void {
    this.#state = state;
    this.#since = undefined;
  }

  /** @returns false where more bytes must come */
  #step(): boolean {
    const state = this.#state;
    switch (state.at) {
      case 'header':
        return this.#readHeader();
      case 'body':
        return this.#readBody(state.header, state.length, state.dialect);
      case 'skip':
        return this.#skip(state);
      case 'scan':
        return this.#scan();
    }
  }

  #announced(): { readonly header: number; readonly length: number; readonly dialect: Dialect } {
    const first = this.#queue.uint32(0);
    if (first !== MAGIC) return { header: 4, length: first, dialect: 'plain' };
    const length = this.#queue.length < 8 ? -1 : this.#queue.uint32(4);
    return { header: 8, length, dialect: 'magic' };
  }

  /** Whether what came so far does not look like a message: then it is not waited for long. */
  #doubtful(): boolean {
    if (this.#state.at === 'header') return this.#announcesTooMuch();
    if (this.#state.at !== 'body') return false;
    return leadingId(this.#queue, this.#state.header) === undefined;
  }

  #announcesTooMuch(): boolean {
    return this.#queue.length >= 4 && this.#announced().length > this.#maxBytes;
  }

  #readHeader(): boolean {
    if (this.#queue.length < 4) return false;
    const { header, length, dialect } = this.#announced();
    if (length === -1) return false;
    if (length === 0) {
      this.#fault('empty', undefined, 0);
      this.#queue.skip(header);
      this.#restart(HEADER);
      return true;
    }
    if (length <= this.#maxBytes) {
      this.#state = { at: 'body', header, length, dialect };
      return true;
    }
    const id = leadingId(this.#queue, header);
    if (id === 'short') return false;
    this.#fault('too-large', id, length);
    if (id === undefined) {
      // Not a length at all: nothing of what follows is inside such a message.
      this.#queue.skip(1);
      this.#restart(SCAN);
    } else {
      this.#queue.skip(header);
      this.#state = { at: 'skip', left: length };
    }
    return true;
  }

  #readBody(header: number, length: number, dialect: Dialect): boolean {
    const end = header + length;
    if (this.#queue.length < end) return false;
    const isMessage = this.#options.onFrame(this.#queue.view(header, length), dialect);
    if (isMessage) this.#lost = false;
    if (isMessage || plausibleFrame(this.#queue, end, this.#maxBytes) !== false) {
      this.#queue.skip(end);
      this.#restart(HEADER);
    } else {
      // Neither this nor what follows is a message: the length was no length.
      this.#lost = true;
      this.#queue.skip(header);
      this.#restart(SCAN);
    }
    return true;
  }

  #skip(state: { left: number }): boolean {
    const count = Math.min(state.left, this.#queue.length);
    this.#queue.skip(count);
    state.left -= count;
    // A long frame may take its time as long as it moves.
    this.#restart(state.left === 0 ? HEADER : this.#state);
    return true;
  }

  #scan(): boolean {
    const bytes = this.#queue.view(0, this.#queue.length);
    for (let i = 0; i < bytes.length; i++) {
      const verdict = plausibleFrame(bytes, i, this.#maxBytes);
      if (verdict === false) continue;
      this.#queue.skip(i);
      if (verdict === 'short') return false;
      this.#restart(HEADER);
      return true;
    }
    this.#queue.skip(bytes.length);
    return false;
  }

  #fault(kind: FrameFault['kind'], id: string | undefined, length: number): void {
    const stray = kind === 'lost' || (kind === 'too-large' && id === undefined);
    if (stray && this.#lost) return;
    this.#lost = stray;
    this.#options.onFault({ kind, id, length });
  }
}

function idOrUndefined(id: string | undefined): string | undefined {
  return id === 'short' ? undefined : id;
}
