import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type PluginContext, Telemetry, type TelemetryReport } from '@limiquantix/plugin-sdk';
import { createHooks } from '@limiquantix/plugin-sdk/host';
import { memoryLogger, testHost } from '@limiquantix/plugin-sdk/testing';
import { afterEach, expect, test } from 'vitest';
import plugin from '../src/index.ts';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** An agent that has just this plugin, and hosts that come and go. */
async function agent(intervalSecs: number) {
  const sent: { report: TelemetryReport; to: string | undefined }[] = [];
  const hosts = new Set<string>();
  const hooks = createHooks();
  let looks = 0;
  const context: PluginContext<{ interval_secs: number }> = {
    name: 'telemetry',
    version: '1.0.0',
    config: { interval_secs: intervalSecs },
    log: memoryLogger(),
    agent: { version: '1.0.0', maxMessageBytes: 4_194_304, maxChunkBytes: 65_536 },
    listening() {
      looks += 1;
      return hosts.size > 0;
    },
    emit(event, report, to) {
      expect(event).toBe(Telemetry);
      sent.push({ report: report as TelemetryReport, to });
    },
    freezeGate: { close: async () => {}, open() {} },
  };
  const contribution = await plugin.activate(context);
  if ('skip' in contribution) throw new Error(contribution.skip);
  contribution.tap?.(hooks);
  stops.push(async () => {
    await hooks.stopping.promise();
    await contribution.dispose?.();
  });
  return {
    hooks,
    sent,
    hosts,
    /** How often the plugin asked whether anybody listens: once for each of its ticks. */
    looks: () => looks,
    connect(id: string) {
      hosts.add(id);
      hooks.connected.call({ id });
    },
  };
}

test('reports at its interval, with the manifest as it ships', async () => {
  const host = await testHost(plugin, { package: manifest, config: { interval_secs: 0.02 } });
  stops.push(() => host.stop());
  await expect.poll(() => host.events.length).toBeGreaterThan(5);
  for (const { event, message } of host.events) {
    const report = message as TelemetryReport;
    expect(event).toBe(Telemetry);
    expect(report.cpuUsagePercent).toBeGreaterThanOrEqual(0);
    expect(report.cpuUsagePercent).toBeLessThanOrEqual(100);
    expect(report.memoryTotalBytes).toBeGreaterThan(0);
  }
});

test('takes the interval of the agent, 5 seconds by default, and none that is too short', async () => {
  expect(manifest.limiquantix.inherits).toEqual({ interval_secs: 'telemetry_interval_secs' });
  expect(manifest.limiquantix.config.properties.interval_secs.default).toBe(5);
  const start = testHost(plugin, { package: manifest, config: { interval_secs: 0.001 } });
  await expect(start).rejects.toThrow('interval_secs');
});

test('sends the first report to the host that connects, and to no other', async () => {
  const { hooks, sent, connect } = await agent(3600);
  await hooks.started.promise();
  connect('first');
  await expect.poll(() => sent.map(({ to }) => to)).toEqual(['first']);
  connect('second');
  await expect.poll(() => sent.map(({ to }) => to)).toEqual(['first', 'second']);
});

test('reports to the hosts that are there when it is swapped in', async () => {
  const { hooks, sent, hosts } = await agent(3600);
  hosts.add('there already');
  await hooks.started.promise();
  await expect.poll(() => sent.map(({ to }) => to)).toEqual([undefined]);
});

test('does nothing while nobody listens', async () => {
  const { hooks, sent, hosts, connect, looks } = await agent(0.01);
  await hooks.started.promise();
  const looksMeanwhile = async () => {
    const before = looks();
    await pause(100);
    return looks() - before;
  };
  // A report that was under way may take its time.
  const idle = () => expect.poll(looksMeanwhile).toBe(0);
  await idle();
  expect(sent).toEqual([]);
  connect('host');
  await expect.poll(() => sent.length).toBeGreaterThan(3);
  hosts.delete('host');
  await idle();
  const last = sent.length;
  connect('host again');
  await expect.poll(() => sent.length).toBeGreaterThan(last + 2);
});

test('keeps still while the filesystems are frozen', async () => {
  const { hooks, sent, connect } = await agent(0.01);
  await hooks.started.promise();
  connect('host');
  await expect.poll(() => sent.length).toBeGreaterThan(1);
  await hooks.freezing.promise();
  const frozen = sent.length;
  connect('another');
  await pause(60);
  expect(sent.length).toBe(frozen);
  hooks.thawed.call();
  await expect.poll(() => sent.length).toBeGreaterThan(frozen + 2);
});

test('sends nothing after it was stopped, and gives its descriptors back', async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  const { hooks, sent, connect } = await agent(0.01);
  await hooks.started.promise();
  connect('host');
  await expect.poll(() => sent.length).toBeGreaterThan(2);
  expect(descriptors()).toBeGreaterThan(before);
  for (const stop of stops.splice(0)) await stop();
  const last = sent.length;
  await pause(60);
  expect(sent.length).toBe(last);
  await expect.poll(descriptors).toBe(before);
});

test('refuses no host that connects before it was started', async () => {
  const { hooks, sent, connect } = await agent(3600);
  connect('early');
  await hooks.started.promise();
  await expect.poll(() => sent).toHaveLength(1);
});
