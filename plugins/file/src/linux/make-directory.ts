import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { basename, dirname } from 'node:path/posix';
import { hasCode } from '../errors.ts';
import { permissions } from '../mode.ts';
import { type Pin, pinDirectory } from './pin.ts';

const SET_GROUP_ID = 0o2000;

/** Makes a directory with exactly these permissions, whatever the umask. */
export async function makeDirectory(parent: Pin, name: string, mode: number): Promise<void> {
  const path = parent.entry(name);
  await mkdir(path, mode);
  await using made = await open(path, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const actual = permissions((await made.stat()).mode);
  // A set-group-id parent hands the bit down, as an administrator who set it expects.
  const wanted = mode | (actual & SET_GROUP_ID);
  if (actual !== wanted) await made.chmod(wanted);
}

/** Pins a directory; what is missing of its path is made, with mode 0755. */
export async function pinMadeDirectory(path: string): Promise<Pin> {
  try {
    return await pinDirectory(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  using parent = await pinMadeDirectory(dirname(path));
  const name = basename(path);
  try {
    await makeDirectory(parent, name, 0o755);
  } catch (error) {
    // Another chunk of the same upload was faster; or a link leads nowhere, which shows next.
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  return await pinDirectory(parent.entry(name));
}
