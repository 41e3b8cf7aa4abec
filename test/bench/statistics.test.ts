import { describe, expect, it } from 'vitest';
import type { Row } from './case.ts';
import { evaluate, markOf } from './evaluate.ts';
import type { CaseResult } from './run-case.ts';
import { pairwise, quantile, spreadOf } from './statistics.ts';

describe('quantiles', () => {
  it('are those of the sorted values, interpolated between two', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 9, 100], 1)).toBe(100);
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('give the middle half of the rounds', () => {
    expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ median: 3, lower: 2, upper: 4 });
  });

  it('leave the values in their order', () => {
    const values = [2, 1];
    quantile(values, 0.5);
    expect(values).toEqual([2, 1]);
  });
});

it('compares what one round gave', () => {
  // The machine was twice as slow in the second round: the ratio does not show it.
  expect(pairwise([10, 20], [20, 40], (a, b) => a / b)).toEqual([0.5, 0.5]);
});

describe('a row', () => {
  const row: Row = {
    title: 'ping',
    metric: 'p50',
    unit: 'µs',
    better: 'lower',
    against: { contestant: 'peer', by: 'ratio' },
    gate: 0.75,
    goal: 0.5,
  };
  const result: CaseResult = {
    name: 'ping',
    rounds: 3,
    seconds: 1,
    contestants: {
      agent: [{ p50: 10 }, { p50: 12 }, { p50: 30 }],
      peer: [{ p50: 20 }, { p50: 20 }, { p50: 20 }],
    },
    absent: {},
    remarks: [],
  };

  it('is judged by the median of its ratios', () => {
    const { figure, mark } = evaluate(row, result);
    expect(figure?.median).toBe(0.6);
    expect(mark).toBe('gate');
  });

  it('says why there is no peer', () => {
    const { agent = [] } = result.contestants;
    const absent = { peer: 'it is not installed' };
    const { figure, mark, note } = evaluate(row, { ...result, contestants: { agent }, absent });
    expect(figure).toBeUndefined();
    expect(mark).toBe('info');
    expect(note).toBe('peer: it is not installed');
  });

  it('holds itself against the best variant of the peer', () => {
    const { agent = [] } = result.contestants;
    const variants = {
      'peer 1 MiB': [{ p50: 25 }],
      'peer 64 KiB': [{ p50: 20 }],
      peers: [{ p50: 1 }],
    };
    const { theirs } = evaluate(row, { ...result, contestants: { agent, ...variants } });
    expect(theirs?.median).toBe(20);
  });

  it('is better where it is higher, if it says so', () => {
    const rate: Row = { ...row, better: 'higher', gate: 10, goal: 25 };
    expect([5, 10, 25].map((value) => markOf(rate, value))).toEqual(['missed', 'gate', 'goal']);
  });
});
