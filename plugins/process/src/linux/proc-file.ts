import { closeSync, openSync, readlinkSync, readSync } from 'node:fs';

/** What the kernel says where the process has gone, or is hidden from the agent. */
const UNREADABLE: ReadonlySet<unknown> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

/** Shared: reads are synchronous, and what was read is used before the next. */
const buffer = Buffer.allocUnsafeSlow(16 * 1024);

/**
 * The first bytes of a file of /proc, as a view that the next call overwrites; undefined
 * where the process has gone or hides it. Such files never block, and a synchronous read
 * costs a tenth of the other kind.
 */
export function readProc(path: string, maxBytes: number = buffer.length): Buffer | undefined {
  return unlessGone(() => {
    const file = openSync(path, 'r');
    try {
      return buffer.subarray(0, readSync(file, buffer, 0, Math.min(maxBytes, buffer.length), 0));
    } finally {
      closeSync(file);
    }
  });
}

/** Where a link of /proc points; undefined where the process has gone or hides it. */
export function readProcLink(path: string): string | undefined {
  return unlessGone(() => readlinkSync(path));
}

/** @throws Error for any other reason, such as that no more files can be opened */
export function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if (UNREADABLE.has((thrown as { readonly code?: unknown }).code)) return undefined;
    throw thrown;
  }
}
