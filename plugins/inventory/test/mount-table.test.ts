import { parseMounts } from '@limiquantix/plugin-sdk/guest';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MountTable } from '../src/linux/hardware/mount-table.ts';

const ROOT = '27 1 254:2 / / rw,relatime - ext4 /dev/vda2 rw\n';

function of(rows: string, number: string, ...names: readonly string[]) {
  return new MountTable(parseMounts(ROOT + rows)).of(number, names);
}

test('finds a filesystem by the number of its device, whatever it is called', () => {
  const root = { mountPoint: '/', filesystem: 'ext4', reachable: true };
  expect(of('', '254:2')).toEqual(root);
  expect(of('', '254:1', '/dev/vda2')).toBeUndefined();
});

test('finds a filesystem that spans devices by the name of the one that it is mounted by', () => {
  const rows = '30 27 0:33 /data /data rw - btrfs /dev/mapper/vg-data rw\n';
  expect(of(rows, '253:0', '/dev/mapper/vg-data', '/dev/dm-0')?.mountPoint).toBe('/data');
  expect(of(rows, '253:1', '/dev/mapper/vg-other')).toBeUndefined();
});

test('of several places the shortest', () => {
  const rows = `30 27 254:3 /sub /var/lib/kubelet rw - xfs /dev/vdb1 rw
31 27 254:3 / /srv rw - xfs /dev/vdb1 rw
`;
  expect(of(rows, '254:3')?.mountPoint).toBe('/srv');
});

test('a blank in a path is one', () => {
  expect(of('30 27 254:3 / /my\\040data rw - xfs /dev/vdb1 rw\n', '254:3')?.mountPoint).toBe(
    '/my data',
  );
});

test('what another mount covers cannot be asked by its path', () => {
  const below = '30 27 254:3 / /srv/data rw - xfs /dev/vdb1 rw\n';
  expect(of(below, '254:3')?.reachable).toBe(true);
  const covered = `${below}31 27 254:4 / /srv rw - xfs /dev/vdc1 rw\n`;
  expect(of(covered, '254:3')?.reachable).toBe(false);
  const stacked = `${below}31 30 254:4 / /srv/data rw - xfs /dev/vdc1 rw\n`;
  expect(of(stacked, '254:3')?.reachable).toBe(false);
  expect(of(stacked, '254:4')?.reachable).toBe(true);
});

test('a place that can be asked is better than a shorter one that cannot', () => {
  const rows = `30 27 254:3 / /a rw - xfs /dev/vdb1 rw
31 30 254:4 / /a rw - xfs /dev/vdc1 rw
32 27 254:3 / /longer rw - xfs /dev/vdb1 rw
`;
  expect(of(rows, '254:3')?.mountPoint).toBe('/longer');
});

test('nothing is asked of what lies below a mount that may hang', () => {
  const on = (filesystem: string, number = '0:52') =>
    of(
      `30 27 ${number} / /mnt rw - ${filesystem} server:/x rw
31 30 254:3 / /mnt/disk rw - ext4 /dev/vdb1 rw
`,
      '254:3',
    )?.reachable;
  for (const filesystem of ['nfs4', 'cifs', '9p', 'fuse.sshfs', 'ceph']) {
    expect(on(filesystem)).toBe(false);
  }
  expect(on('fuseblk', '254:9')).toBe(false);
  expect(on('tmpfs')).toBe(true);
  expect(on('ext4', '254:9')).toBe(true);
});

test('a filesystem that a process answers for is told, and not asked', () => {
  expect(of('30 27 254:3 / /win rw - fuseblk /dev/vdb1 rw\n', '254:3')).toEqual({
    mountPoint: '/win',
    filesystem: 'fuseblk',
    reachable: false,
  });
});

test('an automount is not in the way of what is mounted on it', () => {
  const rows = `30 27 0:40 / /boot/efi rw - autofs systemd-1 rw,direct
31 30 254:1 / /boot/efi rw - vfat /dev/vda1 rw
`;
  expect(of(rows, '254:1')?.reachable).toBe(true);
});

test('the root of the initial ramdisk is below the real one', () => {
  const rows = `1 1 0:1 / / rw - rootfs rootfs rw
20 1 253:0 / / rw,relatime - ext4 /dev/mapper/vg-root rw
21 20 252:1 / /boot rw,relatime - ext4 /dev/vda1 rw
`;
  const table = new MountTable(parseMounts(rows));
  expect(table.of('253:0', [])?.reachable).toBe(true);
  expect(table.of('252:1', [])?.reachable).toBe(true);
});

test('any table is read, also one whose mounts lie on each other in a circle', () => {
  const id = fc.integer({ min: 1, max: 5 });
  const path = fc.constantFrom('/', '/a', '/a/b', '/a/b/c');
  const kind = fc.constantFrom('ext4', 'nfs', 'tmpfs', 'btrfs', 'autofs');
  const row = fc.tuple(id, id, id, path, kind);
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
      const text = rows
        .map(
          ([a, b, device, at, type]) => `${a} ${b} 8:${device} / ${at} rw - ${type} /dev/sda rw\n`,
        )
        .join('');
      const found = new MountTable(parseMounts(text)).of('8:1', ['/dev/sda']);
      if (found) expect(rows.some(([, , , at]) => at === found.mountPoint)).toBe(true);
    }),
  );
});
