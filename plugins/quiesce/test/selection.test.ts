import { parseMounts } from '@limiquantix/plugin-sdk/guest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectFilesystems } from '../src/linux/selection.ts';

interface Row {
  readonly at: string;
  readonly number: string;
  readonly type?: string;
  readonly device?: string;
  readonly options?: string;
  /** Of this mount of it alone. */
  readonly mountOptions?: string;
}

/** /proc/self/mountinfo with these mounts, in the order in which they were made. */
function table(...rows: readonly Row[]) {
  const text = rows.map((row, n) => {
    const { at, number, type = 'ext4', device = `/dev/disk${number}`, options = 'rw' } = row;
    const path = at.replaceAll('\\', '\\134').replaceAll(' ', '\\040').replaceAll('\n', '\\012');
    return `${n + 20} 1 ${number} / ${path} ${row.mountOptions ?? 'rw'} shared:1 - ${type} ${device} ${options}\n`;
  });
  return parseMounts(text.join(''));
}

function order(
  rows: readonly Row[],
  mountPoints: readonly string[] = [],
  files: Readonly<Record<string, readonly string[]>> = {},
): string[] {
  const backingFiles = ({ device }: { device: string }) => files[device] ?? [];
  const { filesystems } = selectFilesystems({ mounts: table(...rows), mountPoints, backingFiles });
  return filesystems.map(({ mounts }) => mounts[0].mountPoint);
}

const ROOT: Row = { at: '/', number: '8:1' };

describe('without mount points', () => {
  it('takes the last mounted first and / last', () => {
    expect(
      order([ROOT, { at: '/var', number: '8:2' }, { at: '/var/lib', number: '8:3', type: 'xfs' }]),
    ).toEqual(['/var/lib', '/var', '/']);
  });

  it('takes / last although it was mounted after others', () => {
    expect(order([{ at: '/boot', number: '8:2' }, ROOT])).toEqual(['/boot', '/']);
  });

  it('takes a device once: bind mounts, subvolumes, a device with several mounts', () => {
    const rows = [
      ROOT,
      { at: '/data', number: '8:2' },
      { at: '/srv/data', number: '8:2', mountOptions: 'ro' },
      { at: '/home', number: '0:44', type: 'btrfs', device: '/dev/sdc' },
      { at: '/home/.snapshots', number: '0:44', type: 'btrfs', device: '/dev/sdc' },
      { at: '/export', number: '8:1' },
    ];
    expect(order(rows)).toEqual(['/home', '/data', '/']);
  });

  it.each([
    ['tmpfs', { number: '0:22', type: 'tmpfs', device: 'tmpfs' }],
    ['overlay', { number: '0:50', type: 'overlay', device: 'overlay' }],
    ['nfs', { number: '0:51', type: 'nfs4', device: '10.0.0.5:/export' }],
    ['cifs', { number: '0:52', type: 'cifs', device: '//nas/share' }],
    ['virtiofs', { number: '0:53', type: 'virtiofs', device: 'share' }],
    ['9p', { number: '0:54', type: '9p', device: 'share' }],
    ['proc', { number: '0:5', type: 'proc', device: 'proc' }],
    ['FUSE', { number: '0:55', type: 'fuse.sshfs', device: 'host:' }],
    ['FUSE on a block device', { number: '8:17', type: 'fuseblk' }],
    ['a cluster filesystem', { number: '8:33', type: 'gfs2' }],
    ['a read-only one', { number: '8:49', options: 'ro,errors=remount-ro' }],
    ['an image', { number: '7:3', type: 'squashfs', options: 'ro' }],
  ])('leaves out %s', (_, row) => {
    expect(order([ROOT, { at: '/x', ...row }])).toEqual(['/']);
  });

  it('takes a writable filesystem that is mounted read-only here, as others write to it', () => {
    expect(order([{ ...ROOT, mountOptions: 'ro' }])).toEqual(['/']);
  });

  it('takes what lies in a file before the filesystem that has the file', () => {
    const rows = [
      ROOT,
      { at: '/inner', number: '7:0', device: '/dev/loop0' },
      { at: '/outer', number: '8:2' },
      { at: '/innermost', number: '7:1', device: '/dev/loop1' },
    ];
    const files = { '/dev/loop0': ['/outer/images/a.img'], '/dev/loop1': ['/inner/b.img'] };
    expect(order(rows, [], files)).toEqual(['/innermost', '/inner', '/outer', '/']);
  });

  it('takes / before the filesystem that has it in a file', () => {
    const rows = [ROOT, { at: '/host', number: '8:2' }];
    expect(order(rows, [], { '/dev/disk8:1': ['/host/ubuntu/root.disk'] })).toEqual(['/', '/host']);
  });

  it('takes only whole directories for where a file is', () => {
    const rows = [
      { at: '/dat', number: '8:4' },
      { at: '/inner', number: '7:0', device: '/dev/loop0' },
      ROOT,
    ];
    expect(order(rows, [], { '/dev/loop0': ['/data/a.img'] })).toEqual(['/inner', '/dat', '/']);
  });

  it('refuses more than anybody could hold', () => {
    const rows = Array.from({ length: 257 }, (_, n) => ({ at: `/d${n}`, number: `9:${n}` }));
    expect(() => order(rows)).toThrow(/more than 256/);
  });
});

describe('with mount points', () => {
  const rows: readonly Row[] = [
    ROOT,
    { at: '/data', number: '8:2' },
    { at: '/my disk\\1', number: '8:3' },
    { at: '/two\nlines', number: '8:4' },
    { at: '/--help', number: '8:5' },
    { at: '/data/bind', number: '8:3' },
    { at: '/run', number: '0:22', type: 'tmpfs' },
    { at: '/cd', number: '11:0', type: 'iso9660', options: 'ro' },
  ];

  it('takes exactly those, in its own order, by the name that was asked for', () => {
    expect(order(rows, ['/', '/data'])).toEqual(['/data', '/']);
    expect(order(rows, ['/data/', '//', '/data'])).toEqual(['/data', '/']);
    expect(order(rows, ['/data/bind'])).toEqual(['/data/bind']);
    expect(order(rows, ['/my disk\\1', '/two\nlines', '/--help'])).toHaveLength(3);
  });

  it('takes a device that was named twice once', () => {
    expect(order(rows, ['/my disk\\1', '/data/bind'])).toHaveLength(1);
  });

  it('takes the upper one of two that are mounted over one another', () => {
    const stacked = [ROOT, { at: '/data', number: '8:2' }, { at: '/data', number: '8:9' }];
    const { filesystems } = selectFilesystems({
      mounts: table(...stacked),
      mountPoints: ['/data'],
      backingFiles: () => [],
    });
    expect(filesystems.map(({ deviceNumber }) => deviceNumber)).toEqual(['8:9']);
  });

  it('says why it leaves one out', () => {
    const { filesystems, skipped } = selectFilesystems({
      mounts: table(...rows),
      mountPoints: ['/run', '/cd', '/data'],
      backingFiles: () => [],
    });
    expect(filesystems).toHaveLength(1);
    expect(skipped.map(({ mount, reason }) => [mount.mountPoint, reason])).toEqual([
      ['/run', 'tmpfs is not on a local disk'],
      ['/cd', 'it is read-only'],
    ]);
  });

  it.each([
    ['--help', 'is not an absolute path'],
    ['-u', 'is not an absolute path'],
    ['data', 'is not an absolute path'],
    ['', 'is not an absolute path'],
    ['./data', 'is not an absolute path'],
    ['/data/..', 'is not a mount point'],
    ['/etc', 'is not a mount point'],
    ['/data\n', 'is not a mount point'],
    ['/two', 'is not a mount point'],
    ['/data\0', 'is not a mount point'],
    ['/my\\040disk\\1', 'is not a mount point'],
    ['/*', 'is not a mount point'],
    ['/$(reboot)', 'is not a mount point'],
  ])('refuses %j', (path, problem) => {
    expect(() => order(rows, ['/data', path])).toThrow(
      expect.objectContaining({
        code: 5005,
        message: expect.stringContaining(`${JSON.stringify(path)} ${problem}`),
      }),
    );
  });

  it('quotes a long path in part', () => {
    expect(() => order(rows, [`/${'x'.repeat(100_000)}`])).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{100,400}$/) }),
    );
  });
});

it('any table gives an order in which every device comes once, / last', () => {
  const row = fc.record({
    at: fc.stringMatching(/^(\/[a-c ]{1,3}){1,3}$/),
    number: fc.constantFrom('8:2', '8:3', '8:4', '0:7', '7:1'),
    type: fc.constantFrom('ext4', 'tmpfs', 'btrfs', 'fuseblk'),
    options: fc.constantFrom('rw', 'ro'),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), fc.nat(20), (others, place) => {
      const rows = others.toSpliced(place, 0, ROOT as never);
      const { filesystems } = selectFilesystems({
        mounts: table(...rows),
        mountPoints: [],
        backingFiles: () => [],
      });
      const numbers = filesystems.map(({ deviceNumber }) => deviceNumber);
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(numbers.at(-1)).toBe('8:1');
    }),
  );
});

it('files of one another, which cannot be, end nevertheless', () => {
  const rows = [ROOT, { at: '/a', number: '7:0' }, { at: '/b', number: '7:1' }];
  const files = { '/dev/disk7:0': ['/b/x'], '/dev/disk7:1': ['/a/x'], '/dev/disk8:1': ['/y'] };
  expect(order(rows, [], files)).toHaveLength(3);
});
