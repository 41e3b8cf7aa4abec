import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseMounts } from '../src/guest/mounts.ts';

test('reads a row, whether it has no tags or several', () => {
  const mount = {
    id: 36,
    parent: 35,
    deviceNumber: '98:0',
    mountPoint: '/mnt2',
    filesystem: 'ext3',
    device: '/dev/root',
    readOnly: false,
  };
  for (const tags of ['', 'master:1 ', 'shared:7 master:1 propagate_from:2 ']) {
    const row = `36 35 98:0 /mnt1 /mnt2 rw,noatime ${tags}- ext3 /dev/root rw,errors=continue\n`;
    expect(parseMounts(row)).toEqual([mount]);
  }
});

test('undoes the escapes of blanks, tabs, newlines, backslashes and hashes', () => {
  const row = '1 0 8:1 / /a\\040b\\011c\\012d\\134e\\043f rw - ext4 /dev/disk\\040one rw\n';
  expect(parseMounts(row)[0]).toMatchObject({
    mountPoint: '/a b\tc\nd\\e#f',
    device: '/dev/disk one',
  });
});

test('a filesystem is read-only when it is so itself, not when one of its mounts is', () => {
  const row = (mount: string, filesystem: string) =>
    parseMounts(`1 0 8:1 / /x ${mount} - ext4 /dev/sda1 ${filesystem}\n`)[0]?.readOnly;
  expect(row('ro,relatime', 'rw,errors=remount-ro')).toBe(false);
  expect(row('rw,relatime', 'ro,errors=remount-ro')).toBe(true);
});

test('reads the table of the machine that it runs on', () => {
  const text = readFileSync('/proc/self/mountinfo', 'utf8');
  const mounts = parseMounts(text);
  expect(mounts).toHaveLength(text.trimEnd().split('\n').length);
  expect(mounts.find(({ mountPoint }) => mountPoint === '/proc')?.filesystem).toBe('proc');
});
