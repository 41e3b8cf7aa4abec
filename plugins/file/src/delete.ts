import { lstat, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path/posix';
import {
  AgentError,
  type Call,
  ErrorReason,
  type FileDeleteRequest,
  type FileDeleteResponse,
  type Init,
} from '@limiquantix/plugin-sdk';
import { brief, hasCode } from './errors.ts';
import { mountPointsIn } from './linux/mounts.ts';
import { joinPath, parsePath } from './linux/path.ts';
import { type Pin, pinDirectory } from './linux/pin.ts';
import { removeTree } from './linux/remove-tree.ts';

/** Deletes a file, a link itself, an empty directory, or with `recursive` any directory. */
export async function deleteFile(
  request: FileDeleteRequest,
  call: Call,
): Promise<Init<FileDeleteResponse>> {
  const path = parsePath(request.path);
  if (path === '/') {
    throw new AgentError('DELETE_FAILED', {
      detail: '/ is the root of the filesystem',
      resolution: 'Choose a path below it',
      reason: ErrorReason.INVALID,
    });
  }
  using parent = await pinDirectory(dirname(path));
  const name = basename(path);
  const stats = await lstat(parent.entry(name));
  if (stats.isDirectory()) await deleteDirectory(parent, name, request, call);
  else await unlink(parent.entry(name));
  return {};
}

async function deleteDirectory(
  parent: Pin,
  name: string,
  { path, recursive }: FileDeleteRequest,
  call: Call,
): Promise<void> {
  // Before anything is gone, not half way through a tree.
  const [mountPoint] = await mountPointsIn(joinPath(parent.path, name));
  if (mountPoint !== undefined) {
    throw inUse(
      `${brief(mountPoint)} is a mount point`,
      `Unmount it first: umount ${brief(mountPoint)}`,
    );
  }
  if (recursive) {
    await removeTree(parent, Buffer.from(name), { path, signal: call.signal });
    return;
  }
  try {
    await rmdir(parent.entry(name));
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY')) throw error;
    throw inUse(`${brief(path)} is not empty`, 'Set recursive to delete what is in it too');
  }
}

function inUse(detail: string, resolution: string): AgentError {
  return new AgentError('DELETE_FAILED', { detail, resolution, reason: ErrorReason.CONFLICT });
}
