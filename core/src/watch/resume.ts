/** The wall clock against the monotonic one: more than this apart is a jump. */
const JUMP_MS = 2000;
/** Each look wakes up an agent that has nothing to do: it is what does so the most often. */
const LOOK_MS = 5000;

export interface ResumeWatchOptions {
  /** @param jumpMs how far the wall clock moved by itself */
  readonly onJump: (jumpMs: number) => void;
  /** Milliseconds; for tests. */
  readonly wall?: () => number;
  readonly monotonic?: () => number;
  readonly everyMs?: number;
}

/** Notices that the guest was paused and resumed, or restored, or had its clock set. */
export class ResumeWatch {
  readonly #options: Required<ResumeWatchOptions>;
  #timer: NodeJS.Timeout | undefined;
  #offset: number;

  constructor(options: ResumeWatchOptions) {
    this.#options = {
      wall: Date.now,
      monotonic: () => performance.now(),
      everyMs: LOOK_MS,
      ...options,
    };
    this.#offset = this.#measure();
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), this.#options.everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #measure(): number {
    return this.#options.wall() - this.#options.monotonic();
  }

  #look(): void {
    const offset = this.#measure();
    const jump = offset - this.#offset;
    // Small steps do not add up: a clock that is slewed or corrected is no resume.
    this.#offset = offset;
    if (Math.abs(jump) > JUMP_MS) this.#options.onJump(jump);
  }
}
