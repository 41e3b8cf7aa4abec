import { basename, dirname } from 'node:path/posix';
import type { FileStatRequest, FileStatResponse, Init } from '@limiquantix/plugin-sdk';
import type { Accounts } from './linux/accounts.ts';
import { describe } from './linux/describe.ts';
import { parsePath } from './linux/path.ts';
import { pinDirectory } from './linux/pin.ts';

/** Describes what a path names; a link itself, with its target. */
export async function statFile(
  request: FileStatRequest,
  accounts: Accounts,
): Promise<Init<FileStatResponse>> {
  const path = parsePath(request.path);
  using parent = await pinDirectory(dirname(path));
  const entry = await describe(parent, Buffer.from(basename(path)), path, await accounts.names());
  return { entry: path === '/' ? { ...entry, name: '/' } : entry };
}
