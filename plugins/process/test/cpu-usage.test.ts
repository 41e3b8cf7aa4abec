import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CpuSample, cpuPercent, type Sampling, Samplings } from '../src/cpu-usage.ts';

const sampling = (at: number): Sampling => ({ at, byPid: new Map() });

describe('samplings', () => {
  it('are compared with one that is old enough, and not too old', () => {
    const samplings = new Samplings(200);
    expect(samplings.baseline(0)).toBeUndefined();
    expect(samplings.wait(0)).toBeUndefined();
    samplings.keep(sampling(1000));
    expect(samplings.baseline(1100)).toBeUndefined();
    expect(samplings.wait(1100)).toBe(100);
    expect(samplings.baseline(1200)?.at).toBe(1000);
    expect(samplings.baseline(61_000)?.at).toBe(1000);
    expect(samplings.baseline(61_001)).toBeUndefined();
    expect(samplings.wait(61_001)).toBeUndefined();
  });

  it('that follow each other closely do not wait, nor compare moments', () => {
    const samplings = new Samplings(200);
    samplings.keep(sampling(0));
    samplings.keep(sampling(1000));
    expect(samplings.baseline(1010)?.at).toBe(0);
    for (let at = 1010; at < 1200; at += 10) samplings.keep(sampling(at));
    expect(samplings.baseline(1199)?.at).toBe(0);
    expect(samplings.baseline(1200)?.at).toBe(1000);
  });

  it('never need more than one wait', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(90_000)), (gaps) => {
        const samplings = new Samplings(200);
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          if (!samplings.baseline(now)) {
            if (samplings.wait(now) === undefined) samplings.keep(sampling(now));
            now += samplings.wait(now) as number;
          }
          const age = now - (samplings.baseline(now) as Sampling).at;
          expect(age >= 200 && age <= 60_000).toBe(true);
          samplings.keep(sampling(now));
        }
      }),
    );
  });
});

describe('a percentage', () => {
  const sample = (cpuTicks: number, at: number, startTicks = 5): CpuSample => ({
    cpuTicks,
    at,
    startTicks,
  });
  const before: Sampling = { at: 1000, byPid: new Map([[7, sample(100, 1010)]]) };

  it('is of one CPU, since the sampling before', () => {
    expect(cpuPercent(7, sample(150, 2010), before, 100)).toBeCloseTo(50);
    expect(cpuPercent(7, sample(500, 2010), before, 100)).toBeCloseTo(400);
    expect(cpuPercent(7, sample(100, 2010), before, 100)).toBe(0);
  });

  it('of a process that was not there counts all that it used', () => {
    expect(cpuPercent(8, sample(20, 2000), before, 100)).toBeCloseTo(20);
    expect(cpuPercent(7, sample(20, 2000, 6), before, 100)).toBeCloseTo(20);
  });

  it('is never negative, nor infinite', () => {
    expect(cpuPercent(7, sample(90, 2010), before, 100)).toBe(0);
    expect(cpuPercent(7, sample(110, 1010), before, 100)).toBe(0);
  });
});
