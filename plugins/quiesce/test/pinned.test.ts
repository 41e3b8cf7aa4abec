import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { whyNoMounts } from '../../../test/support/mounts.ts';
import { pinSelection } from '../src/linux/pin-selection.ts';
import { unpin } from '../src/linux/pinned.ts';
import { labForEach } from './plugin.ts';

const why = whyNoMounts();
const lab = labForEach();

async function pinnedPath(mountPoint: string): Promise<string | undefined> {
  const { filesystems } = await pinSelection([mountPoint]);
  filesystems.forEach(unpin);
  return filesystems[0]?.mount.mountPoint;
}

/** From then on the path leads to a directory of the same name, of another filesystem. */
function cover(path: string): void {
  lab.mounts.mount('above', '-t', 'tmpfs', 'tmpfs');
  mkdirSync(path);
}

describe.skipIf(why)(`a filesystem is found ${why}`, () => {
  it('under the path that was asked for', async () => {
    const data = lab.mounts.make('ext4', 'data');
    const bound = lab.mounts.mount('bound', '--bind', data);
    expect(await pinnedPath(data)).toBe(data);
    expect(await pinnedPath(bound)).toBe(bound);
  });

  it('under another where something is mounted above that one', async () => {
    const data = lab.mounts.make('ext4', 'above/data');
    const bound = lab.mounts.mount('bound', '--bind', data);
    cover(data);
    expect(await pinnedPath(data)).toBe(bound);
  });

  it('nowhere where there is no other', async () => {
    const data = lab.mounts.make('ext4', 'above/data');
    cover(data);
    await expect(pinnedPath(data)).rejects.toMatchObject({
      code: 5005,
      message: expect.stringContaining('is something mounted over it?'),
    });
  });

  it('under a directory where a file of it is mounted too', async () => {
    const data = lab.mounts.make('ext4', 'data');
    writeFileSync(join(data, 'file'), '');
    const file = join(lab.mounts.dir, 'file');
    writeFileSync(file, '');
    lab.mounts.run('mount', '--bind', join(data, 'file'), file);
    try {
      expect(await pinnedPath(file)).toBe(data);
    } finally {
      lab.mounts.run('umount', file);
    }
  });
});
