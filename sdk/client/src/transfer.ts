import { type DownloadOptions, type UploadOptions, wholeNumber } from './options.ts';

/** All chunks in flight together. */
const MAX_FLYING_BYTES = 4 * 1024 * 1024;

/** How a transfer is cut. */
export interface Cut {
  readonly chunkBytes: number;
  /** Chunks in flight. */
  readonly window: number;
}

/**
 * What a caller wants, within what is allowed.
 * @param mostBytes the longest chunk that the other side takes
 */
export function cut(options: DownloadOptions | UploadOptions, mostBytes: number): Cut {
  const wanted = wholeNumber('chunkBytes', options.chunkBytes ?? 512 * 1024, 1);
  const window = wholeNumber('window', options.window ?? 8, 1);
  const chunkBytes = Math.min(wanted, mostBytes, MAX_FLYING_BYTES);
  return { chunkBytes, window: Math.min(window, Math.floor(MAX_FLYING_BYTES / chunkBytes)) };
}
