import { parseMounts } from '@limiquantix/plugin-sdk/guest';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localFilesystems } from '../src/linux/local-filesystems.ts';

import { MOUNTINFO_CENTOS_6, MOUNTINFO_FEDORA, MOUNTINFO_UBUNTU } from './recorded.ts';

const listed = (table: string) => localFilesystems(parseMounts(table));
const mountPoints = (table: string) => listed(table).map((mount) => mount.mountPoint);

test('reads every row of the table', () => {
  expect(parseMounts(MOUNTINFO_UBUNTU)).toHaveLength(MOUNTINFO_UBUNTU.trim().split('\n').length);
});

test('undoes the escapes of mount points and devices', () => {
  expect(parseMounts(MOUNTINFO_UBUNTU).find(({ id }) => id === 102)).toEqual({
    id: 102,
    parent: 29,
    deviceNumber: '253:17',
    mountPoint: '/srv/my data\\new',
    filesystem: 'xfs',
    device: '/dev/mapper/vg0-srv data',
    readOnly: false,
  });
});

test('lists local disks, each once, and neither images, networks nor containers', () => {
  expect(mountPoints(MOUNTINFO_UBUNTU)).toEqual(['/', '/boot/efi', '/exports']);
});

test('lists a btrfs once and not each of its subvolumes', () => {
  expect(mountPoints(MOUNTINFO_FEDORA)).toEqual(['/', '/boot', '/tank']);
});

test('lists the root that can be seen, not the one below it', () => {
  expect(listed(MOUNTINFO_CENTOS_6).map(({ device }) => device)).toEqual([
    '/dev/mapper/vg_c6-lv_root',
    '/dev/vda1',
  ]);
});

test('leaves out a disk that another mount covers', () => {
  const table = `1 0 8:1 / / rw - ext4 /dev/sda1 rw
2 1 8:17 / /data/old rw - ext4 /dev/sdb1 rw
3 1 8:33 / /data rw - ext4 /dev/sdc1 rw
4 3 8:49 / /data/new rw - ext4 /dev/sdd1 rw
`;
  expect(mountPoints(table)).toEqual(['/', '/data', '/data/new']);
});

test('lists the writable layer of a live system as its root', () => {
  const table = `1 0 0:30 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/u
2 1 8:17 / /data rw - ext4 /dev/sdb1 rw
3 1 0:31 / /var/lib/containers/merged rw - overlay overlay rw
`;
  expect(mountPoints(table)).toEqual(['/', '/data']);
});

test('lists the disks of a guest whose root is on a network', () => {
  const table = `1 0 0:30 / / rw - nfs4 10.0.0.5:/root rw
2 1 8:17 / /data rw - ext4 /dev/sdb1 rw
`;
  expect(mountPoints(table)).toEqual(['/data']);
});

test('lists no more than a report can bear', () => {
  const rows = Array.from({ length: 5000 }, (_, n) => {
    return `${n + 2} 1 9:${n} / /pods/${n} rw - ext4 /dev/nbd${n} rw\n`;
  });
  expect(listed(`1 0 8:1 / / rw - ext4 /dev/sda1 rw\n${rows.join('')}`)).toHaveLength(64);
});

test('no table is too strange, nor too slow', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('-', '/', '/a', '8:1', '0:1', 'ext4', '1', '2'),
  );
  const line = fc.array(word, { maxLength: 14 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const mounts = parseMounts(lines.join('\n'));
      expect(localFilesystems(mounts).length).toBeLessThanOrEqual(mounts.length);
    }),
  );
});

test('a loop of parents ends', () => {
  const table = '1 2 8:1 / / rw - ext4 /dev/a rw\n2 1 8:2 / /b rw - ext4 /dev/b rw\n';
  expect(mountPoints(table)).toEqual(['/', '/b']);
});

test('each device is listed under its shortest mount point', () => {
  const path = fc.stringMatching(/^(\/[a-z]{1,8}){1,4}$/);
  fc.assert(
    fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 8 }), (paths) => {
      // Beside one another, or the shorter would cover the longer.
      const beside = paths.map((p, n) => `/${n}${p}`);
      const rows = beside.map((p, n) => `${n + 2} 1 8:1 / ${p} rw - ext4 /dev/sda1 rw\n`);
      const shortest = Math.min(...beside.map((p) => p.length));
      expect(mountPoints(rows.join('')).map((p) => p.length)).toEqual([shortest]);
    }),
  );
});
