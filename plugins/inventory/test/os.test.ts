import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readInstallTime, readOs } from '../src/linux/hardware/os.ts';
import { SystemFiles } from '../src/linux/system-files.ts';
import { grow, scratch } from './machine.ts';

/** The clock of a filesystem may be a tick behind. */
const LATER = 60_000;

/** A filesystem in memory knows births on any kernel since 6.1; not every disk does. */
const root = scratch(existsSync('/dev/shm') ? '/dev/shm' : undefined);
const knowsBirths = statSync(root).birthtimeMs > 0;

test.skipIf(!knowsBirths)(
  'a system is as old as what its installer left, else as its root (needs a filesystem with birth times)',
  async () => {
    const files = new SystemFiles(root);
    const now = Date.now() + LATER;
    expect(await readInstallTime(files, now)).toBe(statSync(root).birthtimeMs);
    mkdirSync(join(root, 'root'));
    writeFileSync(join(root, 'root/anaconda-ks.cfg'), '');
    expect(await readInstallTime(files, now)).toBe(
      statSync(join(root, 'root/anaconda-ks.cfg')).birthtimeMs,
    );
    // A clock that was set back since: that was no installation.
    expect(await readInstallTime(files, Date.UTC(2000, 0))).toBeUndefined();
  },
);

test('without a birth there is no date', async () => {
  expect(await readInstallTime(new SystemFiles('/proc'), Date.now())).toBeUndefined();
});

test('dates are in seconds since the epoch', async () => {
  const files = new SystemFiles(grow({ proc: { stat: 'cpu  1 2\nbtime 1726000000\n' } }));
  const os = await readOs(files, 1_600_000_000_500);
  expect(os.lastBoot).toEqual({ seconds: 1_726_000_000 });
  expect(os.installDate).toEqual({ seconds: 1_600_000_000, nanos: 500_000_000 });
  expect((await readOs(new SystemFiles('/nowhere'), undefined)).installDate).toBeUndefined();
});
