import { readvSync } from 'node:fs';
import { PAGE } from './port-host.ts';

/** What is read in one turn of the event loop. */
const TURN_PAGES = 64;

interface Pages {
  readonly all: Buffer;
  readonly each: readonly Buffer[];
}

/** For all ports: what is in it is dealt with before the next read. */
let pages: Pages | undefined;

/**
 * Reads in one system call what the driver gives a page at a time: one for each buffer.
 * @returns what is there now, lent until the next call; nothing, too, where it cannot be read:
 *   what is wrong is then wrong for the event loop, which tells
 */
export function readBulk(fd: number): Buffer {
  pages ??= newPages();
  try {
    return pages.all.subarray(0, readvSync(fd, pages.each));
  } catch {
    return pages.all.subarray(0, 0);
  }
}

function newPages(): Pages {
  const all = Buffer.allocUnsafeSlow(TURN_PAGES * PAGE);
  const pageAt = (_: unknown, index: number) => all.subarray(index * PAGE, (index + 1) * PAGE);
  return { all, each: Array.from({ length: TURN_PAGES }, pageAt) };
}
