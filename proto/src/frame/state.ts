import type { Header } from './header.ts';
import type { Passing } from './passing.ts';

/** A message that is being read. */
export interface Body extends Header {
  readonly at: 'body';
  /** Seen to begin as every message does. */
  vetted: boolean;
}

/** What the decoder is at. */
export type State =
  | { readonly at: 'header' }
  | ({ readonly at: 'empty' } & Header)
  | Body
  | Passing
  | { readonly at: 'scan' };

export const HEADER: State = { at: 'header' };
export const SCAN: State = { at: 'scan' };
