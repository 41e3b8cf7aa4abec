import { isUtf8 } from 'node:buffer';
import { lstat, readlink } from 'node:fs/promises';
import type { DirectoryEntry, Init } from '@limiquantix/plugin-sdk';
import type { AccountNames } from '@limiquantix/plugin-sdk/guest';
import { hasCode } from '../errors.ts';
import { permissions } from '../mode.ts';
import { timestampOfNs } from '../timestamp.ts';
import type { Pin } from './pin.ts';

/** An entry of a directory itself: a link is described, not followed. */
export async function describe(
  directory: Pin,
  name: Buffer,
  path: string,
  accounts: AccountNames,
): Promise<Init<DirectoryEntry>> {
  const at = directory.entry(name);
  const stats = await lstat(at, { bigint: true });
  const isSymlink = stats.isSymbolicLink();
  return {
    ...naming(name, path),
    isDirectory: stats.isDirectory(),
    isSymlink,
    symlinkTarget: isSymlink ? await targetOf(at) : '',
    sizeBytes: Number(stats.size),
    mode: permissions(stats.mode),
    modifiedAt: timestampOfNs(stats.mtimeNs),
    // 0 where the filesystem does not keep it.
    createdAt: stats.birthtimeNs > 0n ? timestampOfNs(stats.birthtimeNs) : undefined,
    owner: accounts.user(stats.uid),
    group: accounts.group(stats.gid),
  };
}

/** What can be said of an entry that cannot be looked at, such as a user's own FUSE mount. */
export function naming(name: Buffer, path: string): Init<DirectoryEntry> {
  const text = { name: name.toString(), path };
  return isUtf8(name) ? text : { ...text, nameBytes: name };
}

async function targetOf(link: Buffer): Promise<string> {
  try {
    return await readlink(link);
  } catch (error) {
    // It was replaced since by something that is no link.
    if (hasCode(error, 'EINVAL')) return '';
    throw error;
  }
}
