import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseMounts } from '@limiquantix/plugin-sdk/guest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mounts, whyNoMounts } from '../../../test/support/mounts.ts';
import { backingFiles } from '../src/linux/backing-files.ts';
import { readMounts } from '../src/linux/mounts.ts';

function mountOf(deviceNumber: string, device = '/dev/x') {
  const [mount] = parseMounts(`1 0 ${deviceNumber} / /x rw - ext4 ${device} rw\n`);
  if (!mount) throw new Error('not a row');
  return mount;
}

describe('in a tree as sysfs has it', () => {
  let sysfs: string;
  beforeEach(() => {
    sysfs = mkdtempSync(join(tmpdir(), 'qxga-sysfs-'));
    mkdirSync(join(sysfs, 'dev/block'), { recursive: true });
  });
  afterEach(() => rmSync(sysfs, { recursive: true }));

  /** @param files contents by their path below the device */
  function device(number: string, path: string, files: Readonly<Record<string, string>> = {}) {
    const dir = join(sysfs, 'devices', path);
    mkdirSync(dir, { recursive: true });
    symlinkSync(dir, join(sysfs, 'dev/block', number));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), text);
    }
    return dir;
  }
  function slave(dir: string, of: string) {
    mkdirSync(join(dir, 'slaves'), { recursive: true });
    symlinkSync(of, join(dir, 'slaves', `s${of.length}`));
  }

  it('a disk has none', () => {
    device('8:0', 'pci/sda');
    device('8:1', 'pci/sda/sda1', { partition: '1\n' });
    expect(backingFiles(mountOf('8:1'), sysfs)).toEqual([]);
  });

  it('a loop device has one, and so have its partitions', () => {
    device('7:0', 'virtual/loop0', { 'loop/backing_file': '/data/my image.raw\n' });
    device('259:1', 'virtual/loop0/loop0p1', { partition: '1\n' });
    expect(backingFiles(mountOf('7:0'), sysfs)).toEqual(['/data/my image.raw']);
    expect(backingFiles(mountOf('259:1'), sysfs)).toEqual(['/data/my image.raw']);
  });

  it('volumes on encryption on loop devices have those', () => {
    const a = device('7:0', 'virtual/loop0', { 'loop/backing_file': '/a.raw\n' });
    const b = device('7:10', 'virtual/loop10', { 'loop/backing_file': '/b.raw (deleted)\n' });
    const crypt = device('253:0', 'virtual/dm-0');
    slave(crypt, a);
    const volume = device('253:1', 'virtual/dm-1');
    slave(volume, crypt);
    slave(volume, b);
    expect(backingFiles(mountOf('253:1'), sysfs).sort()).toEqual(['/a.raw', '/b.raw']);
  });

  it('what sysfs does not know, or leads in a circle, has none', () => {
    expect(backingFiles(mountOf('9:9'), sysfs)).toEqual([]);
    expect(backingFiles(mountOf('0:44', '/dev/no/such/device'), sysfs)).toEqual([]);
    const loop = device('253:2', 'virtual/dm-2');
    slave(loop, loop);
    expect(backingFiles(mountOf('253:2'), sysfs)).toEqual([]);
  });
});

const why = whyNoMounts();
describe.skipIf(why)(`on this machine ${why}`, () => {
  let mounts: Mounts;
  beforeEach(() => {
    mounts = new Mounts();
  });
  afterEach(() => mounts.cleanUp());

  it('finds the file of a mounted image', () => {
    const mountPoint = mounts.make('ext4', 'data');
    const mount = readMounts().find((row) => row.mountPoint === mountPoint);
    expect(mount && backingFiles(mount)).toEqual([join(mounts.dir, '0.img')]);
    // As a filesystem that can span devices would show itself.
    expect(mount && backingFiles({ ...mount, deviceNumber: '0:99' })).toEqual([
      join(mounts.dir, '0.img'),
    ]);
  });
});
