import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scratch } from './plugin.ts';

const at = scratch();
const fixture = fileURLToPath(new URL('fixtures/mounts.ts', import.meta.url));
/** Only root may mount. */
const canMount = spawnSync('unshare', ['-m', 'true']).status === 0;

describe.runIf(canMount)('other filesystems', () => {
  it('are not deleted into, and say when they are full', () => {
    const output = execFileSync('unshare', ['-m', process.execPath, fixture, at()], {
      encoding: 'utf8',
    });
    const results = JSON.parse(output);
    const refused = (path: string) => `QXGA-4013: Failed to delete: ${at(path)} is a mount point`;
    expect(results).toMatchObject({
      // Nothing of them was deleted: neither what is mounted nor what is beside it.
      tmpfs: [refused('tmpfs/a/mounted here'), true, true],
      bind: [refused('bind/a/mounted here'), true, true],
      'single file': [refused('single file/a/file'), true, true],
      itself: refused('bind/a/mounted here'),
      beside: 'done',
      leftAsItWas: true,
      fitsInstead: 'done',
      size: 65_536,
    });
    expect(results.tooLong).toMatch(/^QXGA-4010: Disk is full: .*200000 bytes do not fit/);
    expect(results.appended).toMatch(/^QXGA-4010: Disk is full: .*no space left on device/);
    expect(results.another).toMatch(/^QXGA-4010/);
    expect(results.readonly).toMatch(/^QXGA-4002: .*read-only file system/);
  });
});
