import { closeSync, constants, fchmodSync, openSync, writeFile } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withPrivateDirectory } from './private-directory.ts';

/**
 * A command's input as a nameless file in memory: complete before the command starts, with
 * an end that cannot be missed, and open to `/dev/stdin` where a socket is not.
 * @returns a descriptor for its taker to close
 */
export async function openInput(bytes: Uint8Array): Promise<number> {
  const file = withPrivateDirectory((directory) => {
    const { O_RDWR, O_CREAT, O_EXCL } = constants;
    return openSync(join(directory, 'stdin'), O_RDWR | O_CREAT | O_EXCL, 0o600);
  });
  try {
    await promisify(writeFile)(file, bytes);
    // A command of another user may open its own input by name; nobody else can reach it.
    fchmodSync(file, 0o444);
    return openSync(`/proc/self/fd/${file}`, constants.O_RDONLY);
  } finally {
    closeSync(file);
  }
}
