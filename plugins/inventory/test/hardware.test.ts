import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SystemFiles } from '../src/linux/system-files.ts';
import { EVERYTHING, fixture, grow, hardwareOf } from './machine.ts';

const NOTHING = {
  includeCpuDetails: false,
  includeDiskDetails: false,
  includeNetworkDetails: false,
};
const DMI = '/sys/firmware/dmi/tables/DMI';
const CPU = '/sys/devices/system/cpu';

/** Counts how often each file is read. */
class CountingFiles extends SystemFiles {
  readonly reads = new Map<string, number>();

  override bytes(path: string): Promise<Buffer> {
    this.reads.set(path, (this.reads.get(path) ?? 0) + 1);
    return super.bytes(path);
  }
}

function counted(cacheMs = 60_000) {
  const root = grow(fixture('qemu-7.2-linux-6.1'));
  const files = new CountingFiles(root);
  return { root, reads: files.reads, hardware: hardwareOf(root, { files, cacheMs }) };
}

test('without CPU details there are no flags and caches, and none are read', async () => {
  const { hardware, reads } = counted();
  const { cpu } = await hardware.describe({ ...EVERYTHING, includeCpuDetails: false });
  expect(cpu).toMatchObject({ model: 'AMD EPYC Processor', cores: 4 });
  expect(cpu).not.toHaveProperty('flags');
  expect(cpu).not.toHaveProperty('l3CacheBytes');
  expect([...reads.keys()].filter((path) => path.includes('/cache/'))).toEqual([]);
});

test('without disk details there are no partitions, and no filesystem is asked', async () => {
  const { hardware, reads } = counted();
  const { disks } = await hardware.describe({ ...EVERYTHING, includeDiskDetails: false });
  expect(disks?.[0]).toMatchObject({ device: '/dev/nvme0n1', sizeBytes: 536_870_912 });
  expect(disks?.every((disk) => disk.partitions === undefined)).toBe(true);
  expect(reads.has('/proc/self/mountinfo')).toBe(false);
});

test('without network details an adapter has its name, address and type alone', async () => {
  const { hardware } = counted();
  const { networkAdapters } = await hardware.describe(NOTHING);
  expect(networkAdapters?.[1]).toEqual({
    name: 'ens10',
    macAddress: '52:54:00:11:22:34',
    adapterType: 'ethernet',
    isVirtual: true,
  });
});

test('what stays the same is read once', async () => {
  const { hardware, reads } = counted();
  const first = await hardware.describe(EVERYTHING);
  expect(await hardware.describe(EVERYTHING)).toEqual({
    ...first,
    memory: { ...first.memory, availableBytes: expect.any(Number) },
  });
  const once = [DMI, '/proc/cpuinfo', `${CPU}/cpu3/cache/index3/size`];
  expect(once.map((path) => reads.get(path) ?? 0).every((count) => count <= 1)).toBe(true);
  expect(reads.get('/proc/cpuinfo')).toBe(1);
  expect(reads.get('/sys/block/vda/size')).toBeGreaterThan(1);
});

test('who asks at the same time shares what is read', async () => {
  const { hardware, reads } = counted();
  await Promise.all(Array.from({ length: 10 }, () => hardware.describe(EVERYTHING)));
  expect(reads.get(DMI)).toBe(1);
});

test('nothing is kept with a cache of 0 s', async () => {
  const { hardware, reads } = counted(0);
  await hardware.describe(EVERYTHING);
  await hardware.describe(EVERYTHING);
  expect(reads.get(DMI)).toBe(2);
});

test('a CPU that was plugged in is there at once', async () => {
  const { hardware, root } = counted();
  expect((await hardware.describe(EVERYTHING)).cpu?.threads).toBe(4);
  writeFileSync(join(root, CPU, 'online'), '0-2\n');
  const { cpu } = await hardware.describe(EVERYTHING);
  expect(cpu).toMatchObject({ threads: 3, cores: 3, sockets: 2, l2CacheBytes: 3 * 512 * 1024 });
});

test('a disk and a display adapter that were plugged in are there at once', async () => {
  const { hardware, root } = counted();
  await hardware.describe(EVERYTHING);
  const class_ = { class: '0x030000', vendor: '0x1234', device: '0x1111' };
  grow(
    {
      sys: {
        bus: { pci: { devices: { '0000:00:1e.0': class_ } } },
        block: { vdz: { size: '2048', dev: '254:64', device: { vendor: '0x1af4' } } },
      },
    },
    root,
  );
  const { disks, gpus } = await hardware.describe(EVERYTHING);
  expect(disks?.at(-1)).toMatchObject({ device: '/dev/vdz', sizeBytes: 1024 * 1024 });
  expect(gpus?.at(-1)?.pciAddress).toBe('0000:00:1e.0');
});
