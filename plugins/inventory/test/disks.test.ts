import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEmulated } from '../src/linux/hardware/disk-interface.ts';
import { readDisks } from '../src/linux/hardware/disks.ts';
import { parseUdevFacts } from '../src/linux/hardware/udev.ts';
import { SystemFiles } from '../src/linux/system-files.ts';
import { grow, type Tree } from './machine.ts';

const PCI = 'sys/devices/pci0000:00/0000:00:01.1';

/** A machine with one block device at a place in sysfs. */
async function disk(name: string, at: string, about: Tree = {}) {
  const root = grow({ sys: { block: {}, bus: { ata_piix: {}, ahci: {} } } });
  const path = join(root, at);
  mkdirSync(path, { recursive: true });
  symlinkSync(at.includes('/block/') ? '../..' : '..', join(path, 'device'));
  symlinkSync(path, join(root, 'sys/block', name));
  const { driver, device = {}, ...own } = about;
  grow({ size: '2048', dev: '8:0', ...own }, path);
  grow(device as Tree, join(path, 'device'));
  if (driver) symlinkSync(join(root, 'sys/bus', `${driver}`), join(root, PCI, 'driver'));
  return (await readDisks(new SystemFiles(root), undefined))[0];
}

test('IDE and SATA disks are told apart by what drives them', async () => {
  const at = `${PCI}/ata1/host0/target0:0:0/0:0:0:0/block/sda`;
  expect(await disk('sda', at, { driver: 'ata_piix' })).toMatchObject({ interface: 'ide' });
  expect(await disk('sda', at, { driver: 'ahci' })).toMatchObject({ interface: 'sata' });
});

test.each([
  ['xvda', 'sys/devices/vbd-51712/block/xvda', 'xen', true],
  ['mmcblk0', 'sys/devices/platform/mmc0/mmc0:0001/block/mmcblk0', 'mmc', false],
  ['sdb', `${PCI}/usb1/1-1/1-1:1.0/host2/target2:0:0/2:0:0:0/block/sdb`, 'usb', false],
  ['sdc', 'sys/devices/LNXSYSTM:00/VMBUS:01/host1/target1:0:0/1:0:0:0/block/sdc', 'scsi', true],
  ['nvme1n1', `${PCI}/nvme/nvme1/nvme1n1`, 'nvme', false],
  ['pmem0', 'sys/devices/LNXSYSTM:00/ndbus0/region0/namespace0.0/block/pmem0', '', false],
])('%s at %s is attached by %s', async (name, at, is, isVirtual) => {
  expect(await disk(name, at)).toMatchObject({ device: `/dev/${name}`, interface: is, isVirtual });
});

test('a memory card has its own names', async () => {
  const at = 'sys/devices/platform/mmc0/mmc0:0001/block/mmcblk0';
  const device = { name: 'SD64G', serial: '0x12345678' };
  const found = await disk('mmcblk0', at, { queue: { rotational: '0' }, device });
  expect(found).toMatchObject({ model: 'SD64G', serial: '0x12345678', diskType: 'SSD' });
});

test('a slash in the name of a device', async () => {
  const at = `${PCI}/cciss0/block/cciss!c0d0`;
  expect(await disk('cciss!c0d0', at)).toMatchObject({ device: '/dev/cciss/c0d0' });
});

test.each(['sr0', 'fd0', 'mmcblk0boot0', 'mmcblk0rpmb', 'nvme0c0n1'])(
  '%s is no disk',
  async (name) => {
    expect(await disk(name, `${PCI}/x/block/${name}`)).toBeUndefined();
  },
);

test('what no device stands behind, and an empty drive, are no disks', async () => {
  const root = grow({
    sys: {
      block: {
        loop0: { size: '8' },
        'dm-0': { size: '8' },
        sdz: { size: '0', device: { model: 'Card Reader' } },
      },
    },
  });
  expect(await readDisks(new SystemFiles(root), undefined)).toEqual([]);
});

test('a hypervisor is known by the names that it gives', () => {
  const names = ['VMware   Virtual disk', 'Msft     Virtual Disk', 'ATA VBOX HARDDISK'];
  for (const name of [...names, 'QEMU NVMe Ctrl', 'Amazon Elastic Block Store']) {
    expect(isEmulated('/sys/devices/x', name)).toBe(true);
  }
  expect(isEmulated('/sys/devices/x', 'ATA Samsung SSD 870')).toBe(false);
  expect(isEmulated('/sys/devices/x', 'Amazon EC2 NVMe Instance Storage')).toBe(false);
});

test('labels are read as they were given', () => {
  const facts = (label: string) => parseUdevFacts(`I:1\nE:ID_FS_LABEL_ENC=${label}\nV:1`).label;
  expect(facts('root\\x20disk')).toBe('root disk');
  expect(facts('Gr\\xc3\\xbc\\xc3\\x9fe')).toBe('Grüße');
  expect(facts('Grüße')).toBe('Grüße');
  expect(facts('back\\x5cslash')).toBe('back\\slash');
});

test('any data of udev is read without failing', () => {
  const line = fc.oneof(
    fc.string(),
    fc.string().map((value) => `E:ID_FS_LABEL_ENC=${value}`),
    fc.stringMatching(/^(\\x[0-9a-f]{0,2}){0,20}$/).map((value) => `E:ID_FS_LABEL_ENC=${value}`),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const { label } = parseUdevFacts(lines.join('\n'));
      expect(label.length).toBeLessThanOrEqual(lines.join('').length);
    }),
  );
});
