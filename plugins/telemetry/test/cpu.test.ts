import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CpuMeter } from '../src/linux/cpu.ts';
import { openSources } from '../src/linux/index.ts';
import type { CpuTicks } from '../src/linux/kernel-stat.ts';

function sample(...cores: readonly (readonly [busy: number, idle: number])[]) {
  const ticks = cores.map(([busy, idle]) => ({ busy, idle }));
  const all = ticks.reduce((a, b) => ({ busy: a.busy + b.busy, idle: a.idle + b.idle }));
  return { all, cores: new Map(ticks.entries()) };
}

test('the first figure is the average since the boot', () => {
  expect(new CpuMeter().measure(sample([100, 300], [200, 200]))).toEqual({
    percent: 37.5,
    cores: [25, 50],
  });
});

test('later figures are of the time since the report before', () => {
  const meter = new CpuMeter();
  meter.measure(sample([100, 300], [200, 200]));
  expect(meter.measure(sample([150, 350], [200, 300]))).toEqual({ percent: 25, cores: [50, 0] });
  expect(meter.measure(sample([250, 350], [200, 400]))).toEqual({ percent: 50, cores: [100, 0] });
});

test('a report right after another is of the same span, not of one tick', () => {
  const meter = new CpuMeter();
  meter.measure(sample([1000, 1000]));
  expect(meter.measure(sample([1050, 1450])).percent).toBe(10);
  expect(meter.measure(sample([1051, 1450])).percent).toBeCloseTo(10.2, 1);
});

test('a CPU that comes is measured since it came, one that goes is not listed', () => {
  const meter = new CpuMeter();
  meter.measure(sample([100, 100]));
  expect(meter.measure(sample([200, 200], [30, 10])).cores).toEqual([50, 75]);
  expect(meter.measure(sample([200, 300])).cores).toEqual([0]);
});

test('counters that ran backwards cost one figure', () => {
  const meter = new CpuMeter();
  meter.measure(sample([5000, 5000]));
  expect(meter.measure(sample([10, 10])).percent).toBe(0);
  expect(meter.measure(sample([60, 60])).percent).toBe(50);
});

test('any counters give percentages from 0 to 100', () => {
  const ticks = fc.record<CpuTicks>({ busy: fc.maxSafeNat(), idle: fc.maxSafeNat() });
  const any = fc.record({
    all: ticks,
    cores: fc.array(fc.tuple(fc.nat(8), ticks)).map((entries) => new Map(entries)),
  });
  fc.assert(
    fc.property(fc.array(any), (samples) => {
      const meter = new CpuMeter();
      for (const { percent, cores } of samples.map((s) => meter.measure(s))) {
        for (const figure of [percent, ...cores]) {
          expect(figure >= 0 && figure <= 100).toBe(true);
        }
      }
    }),
  );
});

test('a busy CPU shows', async () => {
  const sources = openSources();
  sources.cpu();
  await pause(300);
  sources.cpu();
  const end = performance.now() + 400;
  while (performance.now() < end);
  const { percent, cores } = sources.cpu();
  sources.close();
  // The loop filled one CPU, even if it moved to another meanwhile.
  expect(percent).toBeGreaterThan(60 / cores.length);
  expect(Math.max(...cores)).toBeGreaterThan(100 / cores.length - 10);
});
