// The report of this machine against what its own tools say.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Init, TelemetryReport } from '@limiquantix/plugin-sdk';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSources } from '../src/linux/index.ts';
import { Reporter } from '../src/report.ts';
import type { Sources } from '../src/sources.ts';

const log = memoryLogger();
let sources: Sources;
let report: Init<TelemetryReport>;

beforeEach(async () => {
  // New for each try, as they keep for a while what they read of disks and addresses.
  sources = openSources();
  report = await new Reporter(sources, log).report();
});
afterEach(() => sources.close());

/** Of figures that others on this machine change, perhaps between the report and the tool. */
const CHANGING = { retry: 5 };

const tool = (name: string, ...args: readonly string[]) =>
  execFileSync(name, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } }).trim();

function close(actual: unknown, expected: number, tolerance: number): void {
  expect(Math.abs(Number(actual) - expected)).toBeLessThanOrEqual(tolerance);
}

test('every source can be read', () => {
  expect(log.entries).toEqual([]);
});

test('memory and swap are those of free', CHANGING, () => {
  const lines = tool('free', '-b').split('\n');
  const [memory, swap] = lines.slice(1).map((line) => line.split(/\s+/).slice(1).map(Number));
  expect(report.memoryTotalBytes).toBe(memory?.[0]);
  close(report.memoryAvailableBytes, memory?.[5] ?? 0, 256 * 1024 * 1024);
  expect(report.swapTotalBytes).toBe(swap?.[0]);
  close(report.swapUsedBytes, swap?.[1] ?? 0, 64 * 1024 * 1024);
});

test('disks are those of df', CHANGING, () => {
  // Other tests mount and unmount theirs below it.
  const lasting = report.disks?.filter((disk) => !disk.mountPoint?.startsWith(`${tmpdir()}/`));
  expect(lasting?.length).toBeGreaterThan(0);
  for (const disk of lasting ?? []) {
    const row = tool(
      'df',
      '-B1',
      '--output=source,size,used,avail,pcent,target',
      `${disk.mountPoint}`,
    );
    const [source, size, used, available, percent, target] =
      row.split('\n').at(-1)?.split(/\s+/) ?? [];
    expect([disk.device, disk.mountPoint]).toEqual([source, target]);
    expect(disk.totalBytes).toBe(Number(size));
    close(disk.usedBytes, Number(used), 128 * 1024 * 1024);
    close(disk.availableBytes, Number(available), 128 * 1024 * 1024);
    // df rounds up.
    close(disk.usagePercent, Number.parseInt(percent ?? '', 10) - 0.5, 0.6);
  }
});

test('interfaces are those of ip', CHANGING, () => {
  interface Link {
    readonly ifname: string;
    readonly address: string;
    readonly mtu: number;
    readonly operstate: string;
    readonly addr_info: readonly { local: string; prefixlen: number; scope: string }[];
  }
  const links = JSON.parse(tool('ip', '-j', 'addr')) as readonly Link[];
  expect(report.interfaces?.length).toBeGreaterThan(0);
  for (const found of report.interfaces ?? []) {
    const link = links.find(({ ifname }) => ifname === found.name);
    expect(found.macAddress).toBe(link?.address);
    expect(found.mtu).toBe(link?.mtu);
    expect(found.state).toBe({ UP: 1, DOWN: 2 }[link?.operstate ?? ''] ?? 0);
    const global = link?.addr_info.filter(({ scope }) => scope === 'global') ?? [];
    const cidrs = [...(found.ipv4Addresses ?? []), ...(found.ipv6Addresses ?? [])];
    for (const { local, prefixlen } of global) expect(cidrs).toContain(`${local}/${prefixlen}`);
  }
  expect(report.interfaces?.map(({ name }) => name)).not.toContain('lo');
});

test('counters of interfaces are those of sysfs', CHANGING, () => {
  for (const found of report.interfaces ?? []) {
    const counter = (name: string) =>
      Number(readFileSync(`/sys/class/net/${found.name}/statistics/${name}`, 'utf8'));
    close(found.rxBytes, counter('rx_bytes'), 16 * 1024 * 1024);
    close(found.txBytes, counter('tx_bytes'), 16 * 1024 * 1024);
    close(found.rxPackets, counter('rx_packets'), 20_000);
    close(found.txPackets, counter('tx_packets'), 20_000);
  }
});

test('addresses are those of the interfaces, without their masks', () => {
  const cidrs = (report.interfaces ?? []).flatMap(({ ipv4Addresses, ipv6Addresses }) => [
    ...(ipv4Addresses ?? []),
    ...(ipv6Addresses ?? []),
  ]);
  const addresses = cidrs.map((cidr) => cidr.split('/')[0]);
  expect([...(report.ipAddresses ?? [])].sort()).toEqual(addresses.sort());
});

test('processes are those of ps', CHANGING, () => {
  close(report.processCount, tool('ps', '-e', '--no-headers').split('\n').length, 20);
});

test('uptime, boot and load are those of uptime', CHANGING, () => {
  const [first] = tool('cat', '/proc/uptime').split('.');
  close(report.uptimeSeconds, Number(first), 20);
  const bootedAt = Date.parse(`${tool('uptime', '-s').replace(' ', 'T')}`) / 1000;
  close(report.os?.lastBoot?.seconds, bootedAt, 3);
  const load = /load average: ([\d.]+), ([\d.]+), ([\d.]+)/.exec(tool('uptime'));
  close(report.loadAvg1, Number(load?.[1]), 1);
  close(report.loadAvg15, Number(load?.[3]), 0.5);
});

test('CPUs are those that are online', () => {
  expect(report.cpuCorePercent).toHaveLength(Number(tool('getconf', '_NPROCESSORS_ONLN')));
  for (const percent of [report.cpuUsagePercent, ...(report.cpuCorePercent ?? [])]) {
    expect(percent).toBeGreaterThanOrEqual(0);
    expect(percent).toBeLessThanOrEqual(100);
  }
});

test('the system is that of uname', () => {
  expect(report.hostname).toBe(tool('uname', '-n'));
  expect(report.os?.kernel).toBe(tool('uname', '-r'));
  expect(report.os?.architecture).toBe(tool('uname', '-m'));
  expect(report.os?.name).toBe(tool('sh', '-c', '. /etc/os-release; echo "$NAME"'));
});

test('a report spawns nothing', async () => {
  const children = () => ({
    now: readdirSync('/proc/self/task').flatMap((task) =>
      readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    ),
    faultsOfEnded: readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ')[8],
  });
  const before = children();
  const reporter = new Reporter(sources, log);
  for (let n = 0; n < 500; n++) await reporter.report();
  expect(children()).toEqual(before);
});
