export { FrameDecoder, type FrameDecoderOptions } from './decoder.ts';
export type { FrameFault } from './faults.ts';
export {
  DEFAULT_MAX_MESSAGE_BYTES,
  type Dialect,
  frameHeader,
  HARD_MAX_MESSAGE_BYTES,
  MAX_HEADER,
} from './header.ts';
export { leadingId } from './plausible.ts';
