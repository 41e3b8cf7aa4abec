import { basename, dirname } from 'node:path/posix';
import type { FileStatRequest, FileStatResponse, Init } from '@limiquantix/plugin-sdk';
import type { AccountFiles } from '@limiquantix/plugin-sdk/guest';
import { describe } from './linux/describe.ts';
import { parsePath } from './linux/path.ts';
import { pinDirectory } from './linux/pin.ts';

/** Describes what a path names; a link itself, with its target. */
export async function statFile(
  request: FileStatRequest,
  accounts: AccountFiles,
): Promise<Init<FileStatResponse>> {
  const path = parsePath(request.path);
  using parent = await pinDirectory(dirname(path));
  const entry = await describe(parent, Buffer.from(basename(path)), path, accounts.names());
  return { entry: path === '/' ? { ...entry, name: '/' } : entry };
}
