import { closeSync, openSync, readSync } from 'node:fs';

const MAX_BYTES = 4 * 1024 * 1024;
const BUFFER_BYTES = 16 * 1024;
/** The kernel gives a page at a time, for which it takes 20 us. */
const READS_A_TURN = 32;

/**
 * The kernel lists every socket of the guest: ten thousand are a megabyte, of which no text is made.
 * @param start of a path
 * @returns the paths with that start that somebody listens on or is connected by, be it as a file or
 *   as an abstract name
 */
export async function boundSockets(proc: string, start: string): Promise<Set<string>> {
  const found = new Set<string>();
  let file: number | undefined;
  try {
    file = openSync(`${proc}/net/unix`, 'r');
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    let kept = 0;
    let total = 0;
    for (let reads = 1; total < MAX_BYTES; reads++) {
      const bytes = readSync(file, buffer, kept, BUFFER_BYTES - kept, null);
      if (bytes === 0) break;
      total += bytes;
      const lines = buffer.subarray(0, kept + bytes);
      const end = lines.lastIndexOf('\n') + 1;
      for (const path of pathsIn(lines.subarray(0, end), start)) found.add(path);
      // A line may go on in what is read next.
      const rest = lines.subarray(end);
      kept = rest.length === BUFFER_BYTES ? 0 : rest.copy(buffer);
      if (reads % READS_A_TURN === 0) await new Promise(setImmediate);
    }
  } catch {
    // A kernel without such sockets, or a file that cannot be read: none is known to be bound.
  } finally {
    if (file !== undefined) closeSync(file);
  }
  return found;
}

function* pathsIn(lines: Buffer, start: string): Generator<string> {
  for (let at = lines.indexOf(start); at !== -1; at = lines.indexOf(start, at + 1)) {
    const before = lines.toString('latin1', at - 2, at);
    const path = lines.toString('utf8', at, lines.indexOf('\n', at));
    if (before.endsWith(' ') || before === ' @') yield path;
  }
}
