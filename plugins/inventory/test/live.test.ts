// This machine's hardware against what its own tools say.
import { execFileSync, spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { GetHardwareInfo, type HardwareInfo } from '@limiquantix/plugin-sdk';
import { isGuestInterface } from '@limiquantix/plugin-sdk/guest';
import { type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import plugin from '../src/index.ts';
import { EVERYTHING } from './machine.ts';

let host: TestHost;
let hardware: HardwareInfo;

beforeAll(async () => {
  host = await testHost(plugin, { package: manifest });
});
beforeEach(async () => {
  hardware = (await host.call(GetHardwareInfo, EVERYTHING)).hardware as HardwareInfo;
});
afterAll(() => host.stop());

const tool = (name: string, ...args: readonly string[]) =>
  execFileSync(name, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } }).trim();

const has = (name: string) =>
  ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((directory) =>
    existsSync(`${directory}/${name}`),
  );

/** Of figures that others on this machine change, perhaps between the answer and the tool. */
const CHANGING = { retry: 5 };

function close(actual: unknown, expected: number, tolerance: number): void {
  expect(Math.abs(Number(actual) - expected)).toBeLessThanOrEqual(tolerance);
}

test.skipIf(!has('lscpu'))('the CPU is that of lscpu (needs util-linux)', () => {
  const said = new Map(
    tool('lscpu')
      .split('\n')
      .map((line) => [line.split(':')[0]?.trim(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const number = (name: string) => Number(said.get(name));
  expect(hardware.cpu?.threads).toBe(tool('lscpu', '-p=cpu').match(/^\d+$/gm)?.length);
  expect(hardware.cpu?.cores).toBe(number('Core(s) per socket') * number('Socket(s)'));
  expect(hardware.cpu?.sockets).toBe(number('Socket(s)'));
  expect(hardware.cpu?.vendor).toBe(said.get('Vendor ID'));
  if (said.get('Model name') !== '-') expect(hardware.cpu?.model).toBe(said.get('Model name'));
  expect(hardware.cpu?.flags).toEqual(said.get('Flags')?.split(' '));
  expect(hardware.cpu?.architecture).toBe(said.get('Architecture'));
});

test.skipIf(!has('lscpu'))('caches are the sums of lscpu (needs util-linux)', () => {
  const sums = new Map<string, number>();
  for (const row of tool('lscpu', '-B', '-C=name,all-size').split('\n').slice(1)) {
    const [name = '', size] = row.split(/\s+/);
    const level = name.slice(0, 2);
    sums.set(level, (sums.get(level) ?? 0) + Number(size));
  }
  expect(hardware.cpu?.l1CacheBytes).toBe(sums.get('L1') ?? 0);
  expect(hardware.cpu?.l2CacheBytes).toBe(sums.get('L2') ?? 0);
  expect(hardware.cpu?.l3CacheBytes).toBe(sums.get('L3') ?? 0);
});

test('memory is that of /proc/meminfo', CHANGING, () => {
  const bytes = (name: string) =>
    1024 *
    Number(
      new RegExp(`^${name}: *(\\d+) kB`, 'm').exec(readFileSync('/proc/meminfo', 'utf8'))?.[1],
    );
  expect(hardware.memory?.totalBytes).toBe(bytes('MemTotal'));
  close(hardware.memory?.availableBytes, bytes('MemAvailable'), 512 * 1024 * 1024);
});

interface BlockDevice {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly model: string | null;
  readonly serial: string | null;
  readonly rota: boolean;
  readonly mountpoint: string | null;
  readonly fsused: number | null;
  readonly children?: readonly BlockDevice[];
}

test.skipIf(!has('lsblk'))('disks are those of lsblk (needs util-linux)', CHANGING, () => {
  const columns = 'name,path,type,size,model,serial,rota,mountpoint,fsused';
  const { blockdevices } = JSON.parse(tool('lsblk', '-b', '-J', '-o', columns));
  const disks = (blockdevices as readonly BlockDevice[]).filter(
    ({ type, name, size }) => type === 'disk' && size > 0 && !/^(zram|nbd|fd|ram)/.test(name),
  );
  expect(hardware.disks.map(({ device }) => device)).toEqual(disks.map(({ path }) => path).sort());
  for (const disk of disks) {
    const found = hardware.disks.find(({ device }) => device === disk.path);
    expect(found?.sizeBytes).toBe(disk.size);
    if (found?.diskType !== 'NVMe') expect(found?.diskType).toBe(disk.rota ? 'HDD' : 'SSD');
    if (disk.model !== null) expect(found?.model).toBe(disk.model);
    if (disk.serial !== null) expect(found?.serial).toBe(disk.serial);
    for (const part of [disk, ...(disk.children ?? [])].filter((row) => row.mountpoint)) {
      const row = found?.partitions.find(({ device }) => device === part.path);
      expect(row?.mountPoint).toBe(part.mountpoint);
      expect(row?.sizeBytes).toBe(part.size);
      close(row?.usedBytes, part.fsused ?? 0, 512 * 1024 * 1024);
    }
  }
});

test('what is used of the root is what df says', CHANGING, () => {
  const row = tool('df', '-B1', '--output=source,used', '/').split('\n').at(-1)?.split(/\s+/);
  const root = hardware.disks.flatMap((disk) => disk.partitions).find((p) => p.mountPoint === '/');
  // In a container the root lies on no disk of its own.
  if (row?.[0] === 'overlay') expect(root).toBeUndefined();
  else close(root?.usedBytes, Number(row?.[1]), 256 * 1024 * 1024);
});

test.skipIf(!has('ip'))('adapters are those of ip (needs iproute2)', CHANGING, () => {
  interface Link {
    readonly ifname: string;
    readonly address: string;
    readonly link_type: string;
  }
  const links = (JSON.parse(tool('ip', '-j', 'link')) as readonly Link[]).filter(
    ({ ifname, link_type }) => link_type !== 'loopback' && isGuestInterface(ifname),
  );
  expect(hardware.networkAdapters.map((a) => [a.name, a.macAddress])).toEqual(
    links.map((link) => [link.ifname, link.address]).sort(),
  );
});

test('the system is that of uname, and was booted when uptime says', () => {
  expect(hardware.os?.kernel).toBe(tool('uname', '-r'));
  expect(hardware.os?.architecture).toBe(tool('uname', '-m'));
  expect(hardware.os?.hostname).toBe(tool('uname', '-n'));
  const [up] = readFileSync('/proc/uptime', 'utf8').split(' ');
  close(hardware.os?.lastBoot?.seconds, Date.now() / 1000 - Number(up), 3);
});

test('nothing is spawned for it', async () => {
  let spawned = 0;
  const count = () => {
    spawned++;
  };
  subscribe('child_process', count);
  onTestFinished(() => void unsubscribe('child_process', count));
  await once(spawn('true'), 'exit');
  expect(spawned).toBeGreaterThan(0);
  spawned = 0;
  await host.call(GetHardwareInfo, EVERYTHING);
  expect(spawned).toBe(0);
});
