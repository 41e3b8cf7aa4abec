import { closeSync, constants, open, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Mount } from '@limiquantix/plugin-sdk/guest';
import type { Filesystem } from './selection.ts';

/** Not among Node's constants; the same number on every architecture that Node runs on. */
const O_PATH = 0o10000000;

const openFd = promisify(open);

/**
 * A filesystem held by a descriptor of one of its directories. Freeze and thaw go through
 * it, so both reach the same filesystem whatever is mounted over it meanwhile; and nobody
 * can unmount it while it is frozen, after which it could not be thawed at all.
 */
export interface Pinned {
  readonly mount: Mount;
  readonly fd: number;
}

/**
 * Looks for a path that leads to the filesystem: another mount can cover one.
 * @returns undefined where there is none
 */
export async function pin({ mounts }: Filesystem): Promise<Pinned | undefined> {
  for (const mount of mounts) {
    const fd = await openDirectory(mount.mountPoint);
    if (fd === undefined) continue;
    if (mountIdOf(fd) === mount.id) return { mount, fd };
    closeSync(fd);
  }
  return undefined;
}

/** Closing an O_PATH descriptor reaches no filesystem, so it cannot block. */
export function unpin({ fd }: Pinned): void {
  closeSync(fd);
}

/** A mount point can also be a file, which the tools that freeze do not take. */
async function openDirectory(path: string): Promise<number | undefined> {
  try {
    return await openFd(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
}

function mountIdOf(fd: number): number {
  const [, id] = /^mnt_id:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
  return Number(id);
}
