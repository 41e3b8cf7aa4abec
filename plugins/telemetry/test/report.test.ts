import { decode, encode, eventCodec } from '@limiquantix/agent-proto/codec';
import {
  type Init,
  InterfaceState,
  Telemetry,
  type TelemetryReport,
} from '@limiquantix/plugin-sdk';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { expect, test } from 'vitest';
import { Reporter } from '../src/report.ts';
import type { Sources } from '../src/sources.ts';

const WORKING: Sources = {
  cpu: () => ({ percent: 12.5, cores: [5, 20], bootedAt: 1718183276 }),
  memory: () => ({ memoryTotalBytes: 1000, memoryUsedBytes: 400, memoryAvailableBytes: 600 }),
  disks: async () => [{ mountPoint: '/', usagePercent: 50 }],
  addresses: () => [
    { interface: 'eth0', address: '10.0.0.5', cidr: '10.0.0.5/24', family: 'IPv4' },
  ],
  interfaces: () => [{ name: 'eth0', state: InterfaceState.UP, rxBytes: 2n ** 64n - 1n }],
  load: () => [0.5, 0.25, 0.125],
  processCount: () => 42,
  uptime: () => 3600,
  close() {},
};

function broken(): never {
  throw new Error('EIO');
}

const BROKEN: Sources = {
  cpu: broken,
  memory: broken,
  disks: async () => broken(),
  addresses: broken,
  interfaces: broken,
  load: broken,
  processCount: broken,
  uptime: broken,
  close() {},
};

/** The fields that a source fills in. */
const FIELDS: Readonly<Record<string, readonly (keyof TelemetryReport)[]>> = {
  cpu: ['cpuUsagePercent', 'cpuCorePercent'],
  memory: ['memoryTotalBytes', 'memoryUsedBytes', 'memoryAvailableBytes'],
  disks: ['disks'],
  addresses: ['ipAddresses'],
  interfaces: ['interfaces'],
  load: ['loadAvg1', 'loadAvg5', 'loadAvg15'],
  processCount: ['processCount'],
  uptime: ['uptimeSeconds'],
};

const EVERY = Object.values(FIELDS).flat();
const absent = (report: Init<TelemetryReport>) => EVERY.filter((f) => report[f] === undefined);

test('arrives on the wire as it was composed', async () => {
  const report = await new Reporter(WORKING, memoryLogger()).report();
  const codec = eventCodec(Telemetry);
  const arrived = decode(codec, encode(codec, report));
  expect(arrived).toMatchObject({
    cpuUsagePercent: 12.5,
    cpuCorePercent: [5, 20],
    memoryTotalBytes: 1000,
    memoryUsedBytes: 400,
    memoryAvailableBytes: 600,
    disks: [{ mountPoint: '/', usagePercent: 50 }],
    ipAddresses: ['10.0.0.5'],
    interfaces: [{ name: 'eth0', state: InterfaceState.UP, rxBytes: 2n ** 64n - 1n }],
    loadAvg1: 0.5,
    loadAvg5: 0.25,
    loadAvg15: 0.125,
    processCount: 42,
    uptimeSeconds: 3600,
    os: { lastBoot: { seconds: 1718183276, nanos: 0 } },
  });
  expect(arrived.os?.hostname).toBe(arrived.hostname);
});

test.each(Object.keys(FIELDS))('loses nothing else where %s cannot be read', async (source) => {
  const sources = { ...WORKING, [source]: BROKEN[source as keyof Sources] };
  const report = await new Reporter(sources, memoryLogger()).report();
  expect(absent(report)).toEqual(FIELDS[source]);
});

test('says who and what the guest is where nothing can be read', async () => {
  const report = await new Reporter(BROKEN, memoryLogger()).report();
  expect(report.hostname).toBeTruthy();
  expect(report.os?.kernel).toBeTruthy();
});

test('complains of a source once, and again when it was lost anew', async () => {
  const log = memoryLogger();
  const sources = { ...WORKING };
  const reporter = new Reporter(sources, log);
  sources.memory = broken;
  await reporter.report();
  await reporter.report();
  expect(log.entries).toMatchObject([{ level: 'warn', fields: { source: 'memory' } }]);
  sources.memory = WORKING.memory;
  await reporter.report();
  sources.memory = broken;
  await reporter.report();
  expect(log.entries).toHaveLength(2);
});

test('composes one report for all who ask at the same time', async () => {
  let read = 0;
  const sources = { ...WORKING, uptime: () => ++read };
  const reporter = new Reporter(sources, memoryLogger());
  const [one, other] = await Promise.all([reporter.report(), reporter.report()]);
  expect(one).toBe(other);
  expect((await reporter.report()).uptimeSeconds).toBe(2);
});
