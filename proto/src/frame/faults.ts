import type { Dialect, Header } from './header.ts';

/** Why bytes were not taken as a message. */
export interface FrameFault {
  /** `lost`: no frame began where one should; the decoder looks for the next one. */
  readonly kind: 'empty' | 'too-large' | 'lost';
  /** Of the message that was refused, where it could be read. */
  readonly id: string | undefined;
  /** The length that it announced. */
  readonly length: number;
  /** In which it announced it; undefined where no frame began. */
  readonly dialect: Dialect | undefined;
}

/** How many messages of one chunk may turn out to be none before they are looked at beforehand. */
const MOST_UNDECODABLE = 16;

/** Tells of what is no message: a few bytes each must not cost an answer each. */
export class Faults {
  readonly #tell: (fault: FrameFault) => void;
  /** A run of stray bytes is one fault. */
  #lost = false;
  /** So is a run of empty frames in one chunk. */
  #empty = false;
  #undecodable = 0;

  constructor(tell: (fault: FrameFault) => void) {
    this.#tell = tell;
  }

  /** A chunk begins. */
  begin(): void {
    this.#empty = false;
    this.#undecodable = 0;
  }

  tell(kind: FrameFault['kind'], announced: Header | undefined, id?: string): void {
    if (kind === 'empty' && this.#empty) return;
    this.#empty ||= kind === 'empty';
    const stray = kind === 'lost' || (kind === 'too-large' && id === undefined);
    if (stray && this.#lost) return;
    this.#lost = stray;
    const dialect = kind === 'lost' ? undefined : announced?.dialect;
    this.#tell({ kind, id, length: announced?.length ?? 0, dialect });
  }

  /** Whoever took a frame says that it was, or was not, a message; and tells the host himself. */
  taken(isMessage: boolean): void {
    if (isMessage) this.#lost = false;
    else this.#undecodable++;
  }

  /** Whether another frame may be handed on that perhaps is no message. */
  get mayTry(): boolean {
    return this.#undecodable < MOST_UNDECODABLE;
  }

  /** What follows is stray, and was told of. */
  lose(): void {
    this.#lost = true;
  }

  reset(): void {
    this.#lost = false;
  }
}
