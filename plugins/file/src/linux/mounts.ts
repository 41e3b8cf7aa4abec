import { readFile } from 'node:fs/promises';
import { parseMounts } from '@limiquantix/plugin-sdk/guest';

/** The mount points at or below a directory whose links are resolved. */
export async function mountPointsIn(directory: string): Promise<string[]> {
  return parseMounts(await readFile('/proc/self/mountinfo', 'utf8'))
    .map(({ mountPoint }) => mountPoint)
    .filter((mountPoint) => mountPoint === directory || mountPoint.startsWith(`${directory}/`));
}
