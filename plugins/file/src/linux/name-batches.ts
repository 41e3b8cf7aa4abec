import { opendir } from 'node:fs/promises';
import type { Pin } from './pin.ts';

/** Large enough to make a scan cheap, small enough not to hold up the event loop. */
const BATCH = 512;

/** The names in a directory, in the filesystem's order; as bytes, for they need not be UTF-8. */
export async function* nameBatches(directory: Pin): AsyncGenerator<readonly Buffer[]> {
  await using entries = await opendir(directory.self, {
    encoding: 'buffer' as BufferEncoding,
    bufferSize: BATCH,
  });
  for (;;) {
    const names: Buffer[] = [];
    while (names.length < BATCH) {
      const entry = await entries.read();
      if (!entry) break;
      names.push(entry.name as unknown as Buffer);
    }
    if (names.length === 0) return;
    yield names;
  }
}
