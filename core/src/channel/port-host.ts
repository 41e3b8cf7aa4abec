import { readSync } from 'node:fs';

/** What the driver gives at a time. */
export const PAGE = 4096;

/**
 * Whether a host is connected to a port, as far as reading it tells: `absent`, `silent`, or what
 * it says first.
 * @throws Error where there is no port any more
 */
export function hostOf(fd: number): 'absent' | 'silent' | Buffer {
  const page = Buffer.allocUnsafe(PAGE);
  try {
    const bytes = readSync(fd, page);
    return bytes === 0 ? 'absent' : page.subarray(0, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 'silent';
    throw error;
  }
}
