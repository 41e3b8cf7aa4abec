// A guest of QEMU 7.2 (pc-i440fx, TCG) with Debian 12's Linux 6.1, its /proc, /sys and udev data
// reduced to what is read; beside it what the tools said in that guest.
import type { HardwareInfo, Init } from '@limiquantix/plugin-sdk';
import { beforeAll, expect, test } from 'vitest';
import { BLOCKS, EVERYTHING, fixture, grow, hardwareOf } from './machine.ts';

interface BlockDevice {
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly model: string | null;
  readonly serial: string | null;
  readonly rota: boolean;
  readonly tran: string | null;
  readonly fstype: string | null;
  readonly label: string | null;
  readonly mountpoint: string | null;
  readonly children?: readonly BlockDevice[];
}

interface Said {
  readonly lscpu: Readonly<Record<string, string>>;
  readonly 'lscpu -B -C': readonly string[];
  readonly 'dmidecode -t memory': readonly string[];
  readonly lsblk: readonly BlockDevice[];
}

const said = fixture('qemu-7.2-linux-6.1.tools') as unknown as Said;
const disks = said.lsblk.filter(({ type, path }) => type === 'disk' && path !== '/dev/fd0');
let hardware: Init<HardwareInfo>;

beforeAll(async () => {
  hardware = await hardwareOf(grow(fixture('qemu-7.2-linux-6.1'))).describe(EVERYTHING);
});

test('the CPU is that of lscpu', () => {
  const sockets = Number(said.lscpu['Socket(s)']);
  expect(hardware.cpu).toMatchObject({
    model: said.lscpu['Model name'],
    vendor: said.lscpu['Vendor ID'],
    threads: Number(said.lscpu['CPU(s)']),
    cores: Number(said.lscpu['Core(s) per socket']) * sockets,
    sockets,
  });
  expect(hardware.cpu?.flags).toContain('hypervisor');
});

test('caches are the sums of lscpu, one that CPUs share counts once', () => {
  const column = (name: string, index: number) =>
    Number(
      said['lscpu -B -C']
        .find((row) => row.startsWith(name))
        ?.split(/\s+/)
        .at(index),
    );
  const all = (name: string) => column(name, 2);
  expect(hardware.cpu?.l1CacheBytes).toBe(all('L1d') + all('L1i'));
  expect(hardware.cpu?.l2CacheBytes).toBe(all('L2'));
  // The kernel says that the two CPUs of a socket share one. lscpu goes by the caches' ids, of
  // which this emulated CPU has four.
  expect(hardware.cpu?.l3CacheBytes).toBe(2 * column('L3', 1));
});

test('memory modules are those of dmidecode', () => {
  const rows = said['dmidecode -t memory'];
  expect(hardware.memory).toMatchObject({
    dimmCount: rows.filter((row) => row.startsWith('Size: ')).length,
    memoryType: rows.find((row) => row.startsWith('Type: '))?.slice(6),
    speedMhz: Number.parseInt(rows.at(-1)?.split(': ')[1] ?? '', 10),
  });
});

test('disks are those of lsblk, without the floppy and DVD drives', () => {
  expect(hardware.disks).toHaveLength(disks.length);
  for (const disk of disks) {
    expect(hardware.disks).toContainEqual(
      expect.objectContaining({
        device: disk.path,
        model: disk.model ?? '',
        serial: disk.serial ?? '',
        sizeBytes: disk.size,
        diskType: disk.tran === 'nvme' ? 'NVMe' : disk.rota ? 'HDD' : 'SSD',
        isVirtual: true,
      }),
    );
  }
});

test('disks are told apart by what they are attached by', () => {
  expect(hardware.disks?.map((disk) => [disk.device, disk.interface])).toEqual([
    ['/dev/nvme0n1', 'nvme'],
    ['/dev/sda', 'sata'],
    ['/dev/sdb', 'scsi'],
    ['/dev/sdc', 'usb'],
    ['/dev/vda', 'virtio'],
    ['/dev/vdb', 'virtio'],
  ]);
});

test('partitions, logical volumes and filesystems on whole disks are those of lsblk', () => {
  const below = (device: BlockDevice): readonly BlockDevice[] =>
    (device.children ?? []).flatMap((child) => [child, ...below(child)]);
  for (const disk of disks) {
    const rows = [...(disk.fstype === null ? [] : [disk]), ...below(disk)];
    const found = hardware.disks?.find(({ device }) => device === disk.path);
    expect(found?.partitions).toEqual(
      rows.map((row) => {
        const mountPoint = row.mountpoint === '[SWAP]' ? null : row.mountpoint;
        return {
          device: row.path,
          mountPoint: mountPoint ?? undefined,
          filesystem: row.fstype ?? '',
          sizeBytes: row.size,
          usedBytes:
            mountPoint === null ? undefined : (BLOCKS.blocks - BLOCKS.bfree) * BLOCKS.bsize,
          label: row.label ?? '',
        };
      }),
    );
  }
});

test('adapters: emulated ones, and what was made in the guest', () => {
  const own = { macAddress: '52:54:00:11:22:34', isVirtual: true };
  expect(hardware.networkAdapters).toEqual([
    expect.objectContaining({ name: 'br0', adapterType: 'virtual', driver: '', pciAddress: '' }),
    {
      ...own,
      name: 'ens10',
      adapterType: 'ethernet',
      speedMbps: 1000,
      driver: 'e1000',
      pciAddress: '0000:00:0a.0',
    },
    {
      name: 'ens9',
      macAddress: '52:54:00:11:22:33',
      adapterType: 'ethernet',
      speedMbps: 0,
      isVirtual: true,
      driver: 'virtio_net',
      pciAddress: '0000:00:09.0',
    },
    expect.objectContaining({ ...own, name: 'vlan7', adapterType: 'virtual' }),
  ]);
});

test('firmware and system', () => {
  expect(hardware.bios).toEqual({
    vendor: 'SeaBIOS',
    version: '1.16.2-debian',
    releaseDate: '04/01/2014',
    systemManufacturer: 'QEMU',
    systemProduct: 'Standard PC (i440FX + PIIX, 1996)',
    systemSerial: 'VM-0042',
    systemUuid: '6f1d6d4c-2f2b-4d3a-9c0e-8f0b9a1c2d3e',
  });
});

test('display adapters: by their numbers without the PCI database, memory where it is on the bus', () => {
  expect(hardware.gpus).toEqual([
    {
      name: '1234:1111',
      vendor: '1234',
      driverVersion: '',
      vramBytes: 16 * 1024 * 1024,
      pciAddress: '0000:00:02.0',
    },
    {
      name: '1af4:1050',
      vendor: '1af4',
      driverVersion: '',
      vramBytes: 0,
      pciAddress: '0000:00:0b.0',
    },
  ]);
});

test('it was booted when the kernel says', () => {
  expect(hardware.os?.lastBoot?.seconds).toBeGreaterThan(1_700_000_000);
});
