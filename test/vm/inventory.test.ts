import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HARDWARE } from './machine/qemu.ts';
import { type Guest, restoreGuest } from './support/guest.ts';

const MIB = 1024 * 1024;

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest();
});
afterAll(() => guest?.stop());

/** What the REST API tells of the machine. */
async function hardware() {
  const { status, body } = await guest.rest('GET', '/hardware');
  expect(status).toBe(200);
  return body.hardware;
}

/** The value of a line `name: value`. */
function valueIn(text: string, name: string): string | undefined {
  return new RegExp(`^${name}\\s*:\\s*(.*)$`, 'm').exec(text)?.[1];
}

describe('the machine that the hypervisor made', () => {
  it('has the serials and names that its SMBIOS was given', async () => {
    const { bios, system } = HARDWARE.smbios;
    expect((await hardware()).bios).toEqual({
      vendor: bios.vendor,
      version: bios.version,
      release_date: bios.date,
      system_manufacturer: system.manufacturer,
      system_product: system.product,
      system_serial: system.serial,
      system_uuid: system.uuid,
    });
  });

  it('has the CPUs that the kernel and lscpu show', async () => {
    const { cpu } = await hardware();
    const info = await guest.ok('cat /proc/cpuinfo');
    const listed = await guest.ok('lscpu --bytes | cat');
    const cache = (name: string) => Number.parseInt(valueIn(listed, `${name} cache`) ?? '', 10);
    expect(cpu).toMatchObject({
      model: valueIn(info, 'model name'),
      vendor: 'GenuineIntel',
      architecture: 'x86_64',
      sockets: 1,
      cores: 2,
      threads: 2,
      flags: valueIn(info, 'flags')?.trim().split(' '),
      l1_cache_bytes: cache('L1d') + cache('L1i'),
      l2_cache_bytes: cache('L2'),
      l3_cache_bytes: cache('L3'),
    });
    expect(cpu.frequency_mhz).toBeCloseTo(Number(valueIn(info, 'cpu MHz')), 0);
  });

  it('has one module of memory, as large as the kernel found it', async () => {
    const { memory } = await hardware();
    const meminfo = await guest.ok('cat /proc/meminfo');
    const bytes = (name: string) => Number.parseInt(valueIn(meminfo, name) ?? '', 10) * 1024;
    expect(memory.dimm_count).toBe(1);
    expect(memory.total_bytes).toBe(bytes('MemTotal'));
    expect(memory.total_bytes).toBeLessThan(HARDWARE.memoryMib * MIB);
    expect(Math.abs(memory.available_bytes - bytes('MemAvailable'))).toBeLessThan(50 * MIB);
  });

  it('has its adapters by MAC, driver, place and speed', async () => {
    // Without a link there is no speed to tell.
    await guest.ok(
      'ip link set ens17 up && until cat /sys/class/net/ens17/speed; do sleep 0.2; done',
    );
    const [virtio, e1000] = HARDWARE.nics;
    expect((await hardware()).network_adapters).toEqual([
      expect.objectContaining({
        name: 'ens16',
        mac_address: virtio.mac,
        adapter_type: 'ethernet',
        driver: 'virtio_net',
        pci_address: '0000:00:10.0',
      }),
      expect.objectContaining({
        name: 'ens17',
        mac_address: e1000.mac,
        adapter_type: 'ethernet',
        driver: 'e1000',
        pci_address: '0000:00:11.0',
        speed_mbps: 1000,
      }),
    ]);
  });

  it('has a video card that lspci knows by the same name', async () => {
    const [gpu, ...others] = (await hardware()).gpus;
    expect(others).toEqual([]);
    expect(await guest.ok('lspci -D -d ::0300')).toContain(
      `${gpu.pci_address} VGA compatible controller: ${gpu.vendor} ${gpu.name}`,
    );
  });
});

describe('the disks', () => {
  it('have the serials of the hypervisor, and what lsblk and df say is on them', async () => {
    const { disks } = await hardware();
    const found = [];
    for (const { serial } of disks) {
      const device = await guest.ok(`readlink -f /dev/disk/by-id/virtio-${serial}`);
      const [size, fstype, label] = (
        await guest.ok(`lsblk --bytes --noheadings --raw -o SIZE,FSTYPE,LABEL ${device}`)
      ).split(' ');
      const mountPoint = await guest.ok(`findmnt -no TARGET ${device}`);
      found.push({ device, size_bytes: Number(size), mountPoint, fstype, label });
    }
    expect(disks.map((disk: { serial: string }) => disk.serial)).toEqual(
      Object.values(HARDWARE.disks),
    );
    expect(disks).toMatchObject(
      found.map(({ device, size_bytes, mountPoint, fstype, label }) => ({
        device,
        size_bytes,
        interface: 'virtio',
        is_virtual: true,
        partitions: [{ device, mount_point: mountPoint, filesystem: fstype, size_bytes, label }],
      })),
    );
  });

  it('are as full as df says, after a file was written', async () => {
    await guest.ok('dd if=/dev/zero of=/data/filler bs=1M count=20 && sync -f /data');
    const { disks } = await hardware();
    const used = Number(await guest.ok('df -B1 --output=used /data | tail -n 1'));
    const [data] = disks[1].partitions;
    expect(data.used_bytes).toBe(used);
    expect(used).toBeGreaterThan(20 * MIB);
  });

  it('are told of when one is plugged in, and no more when it is taken away', async () => {
    const serials = async () =>
      (await hardware()).disks.map((disk: { serial: string }) => disk.serial);
    await guest.qmp('blockdev-add', { driver: 'null-co', 'node-name': 'more', size: 64 * MIB });
    const disk = { driver: 'virtio-blk-pci', drive: 'more', id: 'more', serial: 'PLUGGED-1' };
    await guest.qmp('device_add', disk);
    await expect.poll(serials, { timeout: 60_000 }).toContain('PLUGGED-1');
    const plugged = (await hardware()).disks.at(-1);
    expect(plugged).toMatchObject({ serial: 'PLUGGED-1', size_bytes: 64 * MIB, partitions: [] });

    await guest.qmp('device_del', { id: 'more' });
    await expect.poll(serials, { timeout: 60_000 }).not.toContain('PLUGGED-1');
  });
});

describe('the system', () => {
  it('is the one of os-release, uname and the boot', async () => {
    const [, booted] = /^btime (\d+)$/m.exec(await guest.ok('cat /proc/stat')) ?? [];
    const { os } = await hardware();
    expect(os).toMatchObject({
      name: await guest.ok('. /etc/os-release; echo "$NAME"'),
      version: await guest.ok('. /etc/os-release; echo "$VERSION_ID"'),
      kernel: await guest.ok('uname -r'),
      architecture: 'x86_64',
      hostname: 'guest',
    });
    // The kernel works it out anew from two clocks each time.
    expect(Math.abs(Date.parse(os.last_boot) / 1000 - Number(booted))).toBeLessThanOrEqual(1);
  });

  it('has the name that it was given a moment ago', async () => {
    await guest.ok('hostnamectl set-hostname renamed');
    expect((await hardware()).os.hostname).toBe('renamed');
  });
});

describe('the packages', () => {
  /** Name, version and architecture of what is installed. */
  async function packages(): Promise<string[]> {
    const { status, body } = await guest.rest('GET', '/software');
    expect(status).toBe(200);
    expect(body.total_count).toBe(body.software.length);
    return body.software
      .map((found: Record<string, unknown>) =>
        [found.name, found.version, found.architecture].join(' '),
      )
      .sort();
  }

  /** The same, by dpkg's own word. */
  async function installed(): Promise<string[]> {
    const format = `\${db:Status-Status} \${Package} \${Version} \${Architecture}\\n`;
    const lines = (await guest.ok(`dpkg-query -W -f '${format}'`)).split('\n');
    return lines.flatMap((line) => /^installed (.*)$/.exec(line)?.[1] ?? []).sort();
  }

  it('are all that dpkg has installed, and the agent is one of them', async () => {
    const listed = await packages();
    expect(listed).toEqual(await installed());
    expect(listed.join('\n')).toContain('limiquantix-guest-agent ');
  });

  it('do not have one any more that was removed and left its settings', async () => {
    await guest.ok('dpkg --force-depends --remove libsensors-config');
    expect(await guest.ok('dpkg --get-selections libsensors-config')).toMatch(/\tdeinstall$/);
    const listed = await packages();
    expect(listed).toEqual(await installed());
    expect(listed.filter((name) => name.startsWith('libsensors-config '))).toEqual([]);
  });

  it('are looked for by a part of their name', async () => {
    const { body } = await guest.rest('GET', '/software?filter=limiquantix');
    expect(body).toMatchObject({
      total_count: 1,
      software: [{ name: 'limiquantix-guest-agent', package_type: 'deb' }],
    });
  });
});
