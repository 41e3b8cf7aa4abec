// Machines whose files were written by hand, after the real ones' and reduced to what is read.
import type { HardwareInfo, Init } from '@limiquantix/plugin-sdk';
import { describe, expect, test } from 'vitest';
import { EVERYTHING, fixture, grow, hardwareOf, type Tree } from './machine.ts';
import { memoryDevice, tables } from './smbios-tables.ts';

const DDR4 = 0x1a;

async function hardwareIn(name: string, ...modules: Buffer[]): Promise<Init<HardwareInfo>> {
  const root = grow(fixture(name));
  const DMI: Tree = { base64: tables(...modules).toString('base64') };
  if (modules.length > 0) grow({ sys: { firmware: { dmi: { tables: { DMI } } } } }, root);
  return hardwareOf(root).describe(EVERYTHING);
}

describe('a laptop with an encrypted NVMe disk', () => {
  const soDimm = memoryDevice({ size: 0x4000, type: DDR4, speed: 3200, configured: 3200 });
  const laptop = hardwareIn('laptop', soDimm, memoryDevice({ size: 0 }));

  test('threads of a core and the caches that they share count once', async () => {
    expect((await laptop).cpu).toMatchObject({
      model: '11th Gen Intel(R) Core(TM) i5-1135G7 @ 2.40GHz',
      vendor: 'GenuineIntel',
      cores: 2,
      threads: 4,
      sockets: 1,
      frequencyMhz: 2400,
      l1CacheBytes: 2 * (48 + 32) * 1024,
      l2CacheBytes: 2 * 1280 * 1024,
      l3CacheBytes: 8192 * 1024,
    });
  });

  test('its disk is real, and tells what lies in the encrypted volume', async () => {
    const { disks } = await laptop;
    expect(disks).toHaveLength(1);
    expect(disks?.[0]).toMatchObject({
      device: '/dev/nvme0n1',
      model: 'SAMSUNG MZVL2512HCJQ-00BL7',
      serial: 'S64KNX0R123456',
      sizeBytes: 512_110_190_592,
      diskType: 'NVMe',
      interface: 'nvme',
      isVirtual: false,
    });
    expect(
      disks?.[0]?.partitions?.map((p) => [p.device, p.mountPoint, p.filesystem, p.label]),
    ).toEqual([
      ['/dev/nvme0n1p1', '/boot/efi', 'vfat', 'SYSTEM'],
      ['/dev/nvme0n1p2', undefined, 'crypto_LUKS', ''],
      ['/dev/mapper/luks-root', '/', 'btrfs', 'fedora'],
    ]);
  });

  test('wireless and wired adapters are real', async () => {
    const { networkAdapters } = await laptop;
    expect(networkAdapters?.map((a) => [a.name, a.adapterType, a.isVirtual, a.driver])).toEqual([
      ['enp0s31f6', 'ethernet', false, 'e1000e'],
      ['wg0', 'virtual', true, ''],
      ['wlp0s20f3', 'wifi', false, 'iwlwifi'],
    ]);
    expect(networkAdapters?.map((a) => [a.pciAddress, a.speedMbps])).toEqual([
      ['0000:00:1f.6', 0],
      ['', 0],
      ['0000:00:14.3', 0],
    ]);
  });

  test('one of two sockets holds memory', async () => {
    expect((await laptop).memory).toMatchObject({
      memoryType: 'DDR4',
      speedMhz: 3200,
      dimmCount: 1,
    });
  });

  test("the window of Intel's graphics is not their memory", async () => {
    expect((await laptop).gpus?.map((gpu) => [gpu.name, gpu.vendor, gpu.vramBytes])).toEqual([
      ['TigerLake-LP GT2 [Iris Xe Graphics]', 'Intel Corporation', 0],
    ]);
  });

  test('what its maker left to be filled is empty', async () => {
    expect((await laptop).bios).toMatchObject({
      systemManufacturer: 'LENOVO',
      systemProduct: '20W0CTO1WW',
      systemSerial: '',
      systemUuid: '3e9f3ccc-33aa-11b2-a85c-c0ffee123456',
    });
  });
});

describe('a server with Arm cores', () => {
  const rdimm = memoryDevice({ size: 0x7fff, extendedSize: 65_536, type: DDR4, configured: 3200 });
  const server = hardwareIn('arm64-server', rdimm, rdimm);

  test('the CPU is named by its numbers', async () => {
    expect((await server).cpu).toMatchObject({
      model: 'Neoverse-N1',
      vendor: 'ARM',
      cores: 4,
      threads: 4,
      sockets: 2,
      frequencyMhz: 3000,
      l1CacheBytes: 4 * 128 * 1024,
      l2CacheBytes: 4 * 1024 * 1024,
      l3CacheBytes: 0,
    });
    expect((await server).cpu?.flags).toContain('asimddp');
  });

  test('a mirror of two disks is told with both of them', async () => {
    const rows = (await server).disks?.map((disk) => [
      disk.device,
      disk.diskType,
      disk.interface,
      disk.serial,
      disk.partitions?.map((p) => `${p.device} ${p.filesystem} ${p.mountPoint}`),
    ]);
    const mirror = '/dev/md0 xfs /';
    expect(rows).toEqual([
      [
        '/dev/sda',
        'HDD',
        'sata',
        'WD-WCC4N0123456',
        ['/dev/sda1 linux_raid_member undefined', mirror],
      ],
      [
        '/dev/sdb',
        'HDD',
        'sata',
        'WD-WCC4N0654321',
        ['/dev/sdb1 linux_raid_member undefined', mirror],
      ],
    ]);
  });

  test("a bond and what it is made of, the adapter's link in megabits", async () => {
    expect(
      (await server).networkAdapters?.map((a) => [a.name, a.adapterType, a.speedMbps, a.driver]),
    ).toEqual([
      ['bond0', 'virtual', 25_000, ''],
      ['enp1s0f0', 'ethernet', 25_000, 'mlx5_core'],
    ]);
  });

  test("the memory of a management controller's graphics is on the bus", async () => {
    expect((await server).gpus).toEqual([
      {
        name: '1a03:2000',
        vendor: '1a03',
        driverVersion: '',
        vramBytes: 16 * 1024 * 1024,
        pciAddress: '0004:02:00.0',
      },
    ]);
  });

  test('modules of 64 GiB', async () => {
    expect((await server).memory).toMatchObject({
      memoryType: 'DDR4',
      speedMhz: 3200,
      dimmCount: 2,
    });
  });
});

test('a board with a device tree in place of tables', async () => {
  const tree = {
    proc: { 'device-tree': { model: 'linux,dummy-virt\0', 'serial-number': 'X1\0' } },
  };
  const { bios, memory } = await hardwareOf(grow(tree)).describe(EVERYTHING);
  expect(bios).toMatchObject({ systemProduct: 'linux,dummy-virt', systemSerial: 'X1', vendor: '' });
  expect(memory).toMatchObject({ memoryType: '', speedMhz: 0, dimmCount: 0 });
});

test('where nothing can be read nothing is made up', async () => {
  const hardware = await hardwareOf(grow({})).describe(EVERYTHING);
  expect(hardware.cpu).toMatchObject({ model: '', vendor: '', cores: 0, threads: 0, sockets: 0 });
  expect(hardware.cpu?.flags).toEqual([]);
  expect(hardware.disks).toEqual([]);
  expect(hardware.networkAdapters).toEqual([]);
  expect(hardware.gpus).toEqual([]);
  expect(new Set(Object.values(hardware.bios ?? {}))).toEqual(new Set(['']));
  expect(hardware.os?.lastBoot).toBeUndefined();
});
