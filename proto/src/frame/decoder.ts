import { ByteQueue, type TakeMemory } from './byte-queue.ts';
import { Faults, type FrameFault } from './faults.ts';
import {
  announcedBy,
  DEFAULT_MAX_MESSAGE_BYTES,
  type Dialect,
  HARD_MAX_MESSAGE_BYTES,
  type Header,
  MAX_HEADER,
} from './header.ts';
import { type Pace, Passing } from './passing.ts';
import { beginsWithId, findFrame, leadingId, mayFollow, plausibleFrame } from './plausible.ts';
import { type Body, HEADER, SCAN, type State } from './state.ts';

export interface FrameDecoderOptions {
  /** @default 4 MiB; never more than 16 MiB */
  readonly maxBytes?: number | undefined;
  /** A partial frame older than this is given up. @default 30,000 ms */
  readonly partialMs?: number | undefined;
  /**
   * Takes a message, whose bytes stay what they are. Must not throw.
   * @param memory what the message lies in, where nothing else does
   * @returns false where it is not a message, so that the framing itself is in doubt
   */
  readonly onFrame: (
    message: Uint8Array,
    dialect: Dialect,
    memory: ArrayBuffer | undefined,
  ) => boolean;
  readonly onFault: (fault: FrameFault) => void;
  /** Where memory for a long message may come from, such as that of an earlier one. */
  readonly takeMemory?: TakeMemory;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** From this length on a message has memory of its own. */
const OWN_MEMORY_FROM = 4096;
/** How long a frame is waited for that does not begin as every message does. */
const DOUBTFUL_MS = 1000;

/**
 * Cuts a byte stream into messages, in either dialect, in any chunks.
 *
 * The stream has no marker, so a host that leaves in the middle of a frame could put
 * every later frame out of step. Wherever the bytes cannot be a frame the decoder scans
 * for the next place that looks like one: a plausible length, then field 1 with an id.
 * What a message contains is never looked at while the message itself can be taken.
 * Memory: about twice what arrived of one frame, which is at most the limit's size.
 */
export class FrameDecoder {
  readonly #queue: ByteQueue;
  readonly #options: FrameDecoderOptions;
  readonly #pace: Pace;
  readonly #faults: Faults;
  readonly #now: () => number;
  /** What lies behind the frame that is being read, of the chunk that is being pushed. */
  #behind: Uint8Array | undefined;
  #state: State = HEADER;

  constructor(options: FrameDecoderOptions) {
    this.#options = options;
    this.#queue = new ByteQueue(options.takeMemory);
    this.#pace = {
      maxBytes: Math.min(options.maxBytes ?? DEFAULT_MAX_MESSAGE_BYTES, HARD_MAX_MESSAGE_BYTES),
      partialMs: options.partialMs ?? 30_000,
    };
    this.#faults = new Faults(options.onFault);
    this.#now = options.now ?? performance.now.bind(performance);
  }

  /** Whether bytes wait for more of their frame; then {@link expire} must be called in time. */
  get partial(): boolean {
    return this.#since !== undefined;
  }

  /** @param chunk is copied */
  push(chunk: Uint8Array): void {
    this.#faults.begin();
    this.#behind = chunk;
    while (this.#behind) {
      const bytes: Uint8Array = this.#behind;
      const frame = this.#frameBytes(bytes);
      const end = frame > 0 ? frame - this.#queue.length : bytes.length;
      const apart = end < bytes.length;
      this.#behind = apart ? bytes.subarray(end) : undefined;
      this.#queue.push(apart ? bytes.subarray(0, end) : bytes, this.#now(), frame);
      this.#run();
    }
  }

  #takeBehind(): void {
    if (this.#behind) this.#queue.push(this.#behind, this.#now());
    this.#behind = undefined;
  }

  /** Of the frame that is being read, or begins here; 0: it is short, or nothing is known of it. */
  #frameBytes(bytes: Uint8Array): number {
    const state = this.#state;
    let frame: Header | undefined;
    if (state.at === 'body') frame = state;
    else if (state.at === 'header' && this.#queue.length === 0) frame = announcedBy(bytes);
    if (!frame || frame.length < OWN_MEMORY_FROM || frame.length > this.#maxBytes) return 0;
    return frame.header + frame.length;
  }

  /** Forgets what a peer that left had begun to send. */
  reset(): void {
    this.#queue.clear();
    this.#behind = undefined;
    this.#state = HEADER;
    this.#faults.reset();
  }

  /** Gives up on a frame that does not come to its end. To be called about once a second. */
  expire(): void {
    const now = this.#now();
    // What follows a frame that is given up may be as old, and no more than stray bytes either.
    while (this.#since !== undefined && now - this.#since >= this.#patience()) {
      this.#giveUp();
      this.#run();
    }
  }

  get #maxBytes(): number {
    return this.#pace.maxBytes;
  }

  /** When what is waited for began to arrive. */
  get #since(): number | undefined {
    return this.#state.at === 'passing' ? this.#state.since : this.#queue.since;
  }

  #run(): void {
    while (this.#queue.length > 0 && this.#step()) {
      // Each step consumes bytes or changes the state.
    }
  }

  /** @returns false where more bytes must come */
  #step(): boolean {
    const state = this.#state;
    switch (state.at) {
      case 'header':
        return this.#readHeader();
      case 'empty':
        return this.#passEmpty(state);
      case 'body':
        return this.#readBody(state);
      case 'passing':
        return this.#passBy(state);
      case 'scan':
        return this.#scan();
    }
  }

  #readHeader(): boolean {
    const announced = this.#queue.announced();
    if (!announced) return false;
    const { length } = announced;
    if (length === 0) {
      this.#faults.tell('empty', announced);
      this.#state = { at: 'empty', ...announced };
      return true;
    }
    if (length <= this.#maxBytes) {
      const { header, dialect } = announced;
      this.#state = { at: 'body', header, length, dialect, vetted: false };
      return true;
    }
    return this.#refuseTooLarge(announced);
  }

  #refuseTooLarge(announced: Header): boolean {
    const { header, length } = announced;
    const bytes = this.#queue.view();
    const message = beginsWithId(bytes, header);
    if (message === 'short') return false;
    this.#faults.tell('too-large', announced, leadingId(bytes, header));
    if (message) {
      this.#state = new Passing(length, this.#now());
      this.#queue.skip(header);
    } else {
      // Not a length at all: nothing of what follows is inside such a message.
      this.#queue.skip(1);
      this.#state = SCAN;
    }
    return true;
  }

  /** Zeros may also be the rest of another frame, and the next one begin among them. */
  #passEmpty({ header }: Header): boolean {
    const inside = this.#frameInside(header - 1);
    if (inside === 'short') return false;
    this.#queue.skip(inside ?? header);
    this.#passZeros();
    this.#state = HEADER;
    return true;
  }

  /** More empty frames in one go, as a peer can send millions; the last zeros may begin a length. */
  #passZeros(): void {
    const bytes = this.#queue.view();
    let zeros = 0;
    while (bytes[zeros] === 0) zeros++;
    if (zeros >= 7) this.#queue.skip(4 * Math.floor((zeros - 3) / 4));
  }

  #readBody(body: Body): boolean {
    const end = body.header + body.length;
    if (this.#queue.length < end) return this.#resync(body);
    const isMessage = this.#mayBeMessage() && this.#take(body);
    // Whoever took it may have ended the session.
    if (this.#state !== body) return false;
    this.#faults.taken(isMessage);
    if (!isMessage && this.#outOfStep(body)) {
      this.#faults.lose();
      this.#leave(body);
      return true;
    }
    this.#queue.skip(end);
    this.#state = HEADER;
    return true;
  }

  /** To find out by decoding it takes much longer where it is none. */
  #mayBeMessage(): boolean {
    return this.#faults.mayTry || plausibleFrame(this.#queue.view(), 0, this.#maxBytes) === true;
  }

  #take({ header, length, dialect }: Body): boolean {
    const end = header + length;
    const memory = this.#queue.memoryOf(end);
    return this.#options.onFrame(this.#queue.view(header, end), dialect, memory);
  }

  /** Whether a frame that held no message was no frame at all. */
  #outOfStep({ header, length }: Header): boolean {
    this.#takeBehind();
    const bytes = this.#queue.view();
    const end = header + length;
    if (!mayFollow(bytes, end, this.#maxBytes)) return true;
    return findFrame(bytes, header - 3, end, this.#maxBytes) !== -1;
  }

  /**
   * Where the header belonged to a frame that was cut off, the next one begins in or right
   * behind it. Such a body cannot be a message: it would begin in the middle of a length.
   */
  #resync(body: Body): boolean {
    if (body.vetted) return false;
    const { header } = body;
    const begins = beginsWithId(this.#queue.view(), header);
    body.vetted = begins === true;
    if (begins !== false) return false;
    const inside = this.#frameInside(header);
    if (typeof inside !== 'number') return false;
    this.#faults.tell('lost', body);
    this.#queue.skip(inside);
    this.#state = HEADER;
    return true;
  }

  /** Where a frame begins behind the first byte, up to `last`. */
  #frameInside(last: number): number | undefined | 'short' {
    const bytes = this.#queue.view();
    let short = false;
    for (let start = 1; start <= last; start++) {
      const verdict = plausibleFrame(bytes, start, this.#maxBytes);
      if (verdict === true) return start;
      if (verdict === 'short') short = true;
    }
    return short ? 'short' : undefined;
  }

  #passBy(message: Passing): boolean {
    const { length, since } = this.#queue;
    this.#queue.skip(message.take(length, since ?? message.since, this.#pace));
    if (message.over) this.#state = HEADER;
    return true;
  }

  #scan(): boolean {
    const bytes = this.#queue.view();
    const found = findFrame(bytes, 0, bytes.length, this.#maxBytes);
    // Where there is none the last bytes may be a header whose message has yet to come.
    const start = found === -1 ? Math.max(0, bytes.length - MAX_HEADER) : found;
    this.#queue.skip(start);
    if (found === -1 || plausibleFrame(bytes, found, this.#maxBytes) === 'short') return false;
    this.#state = HEADER;
    return true;
  }

  /** How long to wait for the rest: not long where what came does not look like a message. */
  #patience(): number {
    const { partialMs } = this.#pace;
    return this.#doubtful() ? Math.min(DOUBTFUL_MS, partialMs) : partialMs;
  }

  #doubtful(): boolean {
    const state = this.#state;
    switch (state.at) {
      case 'header':
        return this.#announcesTooMuch();
      case 'body':
        return beginsWithId(this.#queue.view(), state.header) === false;
      default:
        return state.at === 'empty';
    }
  }

  #announcesTooMuch(): boolean {
    return (this.#queue.announced()?.length ?? 0) > this.#maxBytes;
  }

  #giveUp(): void {
    const state = this.#state;
    switch (state.at) {
      case 'header':
        this.#faults.tell(this.#announcesTooMuch() ? 'too-large' : 'lost', this.#queue.announced());
        this.#queue.skip(1);
        this.#state = SCAN;
        break;
      case 'empty':
        this.#queue.skip(state.header);
        this.#state = HEADER;
        break;
      case 'body':
        this.#faults.tell('lost', state, leadingId(this.#queue.view(), state.header));
        this.#leave(state);
        break;
      case 'passing':
        this.#state = SCAN;
        break;
      case 'scan':
        this.#queue.skip(1);
    }
  }

  /** Looks for a frame behind the first byte of this one, but not for this one without magic. */
  #leave({ header }: Header): void {
    this.#queue.skip(header - 3);
    this.#state = SCAN;
  }
}
