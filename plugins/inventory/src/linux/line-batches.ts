import { createReadStream } from 'node:fs';

/** A chunk is some thousand lines, which take well under a millisecond to look at. */
const CHUNK_BYTES = 64 * 1024;
/** Longer than any line that means something; the middle of a longer one is lost. */
const MAX_LINE = 64 * 1024;

/**
 * The lines of a file, a chunk's at a time: the event loop has its turn between two batches.
 * @throws Error where it cannot be read
 */
export async function* lineBatches(path: string): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const chunk of createReadStream(path, {
    encoding: 'utf8',
    highWaterMark: CHUNK_BYTES,
  })) {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() as string).slice(0, MAX_LINE);
    yield lines;
  }
  if (rest !== '') yield [rest];
}
