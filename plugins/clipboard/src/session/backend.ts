import type { Mime } from '../content.ts';

/** What a clipboard was found to hold. */
export type Found =
  | { readonly mime: Mime; readonly data: Buffer }
  | 'empty'
  | 'unsupported'
  | 'too large';

/** The clipboard of one display server. */
export interface Backend {
  /**
   * Reads the first representation of the list that there is.
   * @throws Error where the owner of the clipboard or the display server does not answer
   */
  read(mimes: readonly Mime[]): Promise<Found>;
  /** Offers the data until somebody else copies something. */
  own(mime: Mime, data: Buffer): Promise<void>;
  /** Leaves the clipboard empty. */
  clear(): Promise<void>;
}

export interface BackendOptions {
  /** Of what is read. */
  readonly maxBytes: number;
  /** Somebody copied something. */
  readonly onChange: () => void;
  /** The display server is gone. */
  readonly onEnd: () => void;
}

/** Says to the agent what an operator has to do. */
export class ClipboardUnavailable extends Error {
  override readonly name = 'ClipboardUnavailable';
  readonly resolution: string;

  constructor(problem: string, resolution: string) {
    super(problem);
    this.resolution = resolution;
  }
}
