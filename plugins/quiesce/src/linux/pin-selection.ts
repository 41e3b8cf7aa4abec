import { setTimeout as pause } from 'node:timers/promises';
import type { FrozenFilesystem, Init } from '@limiquantix/plugin-sdk';
import type { Mount } from '@limiquantix/plugin-sdk/guest';
import { diskSilent, notAMountPoint } from '../errors.ts';
import { backingFiles } from './backing-files.ts';
import { readMounts } from './mounts.ts';
import { type Pinned, pin, unpin } from './pinned.ts';
import { type Filesystem, selectFilesystems } from './selection.ts';

export interface PinnedSelection {
  /** In the order in which they are to be frozen. */
  readonly filesystems: readonly Pinned[];
  /** What is left out, with the reason. */
  readonly skipped: readonly Init<FrozenFilesystem>[];
}

/** A disk mounted below a directory of a dead server can take for ever to be found. */
const PIN_LIMIT_MS = 5000;

/**
 * What to freeze, each held by a descriptor.
 * @param mountPoints none: every writable local filesystem
 * @throws AgentError QUIESCE_FAILED
 */
export async function pinSelection(mountPoints: readonly string[]): Promise<PinnedSelection> {
  const mounts = readMounts();
  const selection = selectFilesystems({ mounts, mountPoints, backingFiles });
  const skipped = selection.skipped.map(({ mount, reason }) => row(mount, reason));
  const filesystems: Pinned[] = [];
  const late = pause(PIN_LIMIT_MS, 'late' as const, { ref: false });
  try {
    for (const filesystem of selection.filesystems) {
      const [mount] = filesystem.mounts;
      const pinned = await pinBefore(late, filesystem);
      if (pinned) filesystems.push(pinned);
      else if (mountPoints.length === 0) skipped.push(row(mount, HIDDEN));
      else throw notAMountPoint(mount.mountPoint, HIDDEN);
    }
  } catch (thrown) {
    filesystems.forEach(unpin);
    throw thrown;
  }
  return { filesystems, skipped };
}

const HIDDEN = 'leads to no directory of its filesystem: is something mounted over it?';

async function pinBefore(
  late: Promise<'late'>,
  filesystem: Filesystem,
): Promise<Pinned | undefined> {
  const pinning = pin(filesystem);
  const pinned = await Promise.race([pinning, late]);
  if (pinned !== 'late') return pinned;
  pinning.then((found) => found && unpin(found));
  throw diskSilent(filesystem.mounts[0].mountPoint);
}

function row({ mountPoint, device, filesystem }: Mount, error: string): Init<FrozenFilesystem> {
  return { mountPoint, device, filesystem, frozen: false, error };
}
