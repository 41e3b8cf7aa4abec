import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ResumeWatch } from '../../src/watch/resume.ts';

describe('the resume watch', () => {
  let wall = 0;
  let monotonic = 0;
  let jumps: number[];
  let watch: ResumeWatch;

  const pass = (ms: number, jump = 0) => {
    wall += ms + jump;
    monotonic += ms;
    vi.advanceTimersByTime(ms);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    wall = 1_700_000_000_000;
    monotonic = 5;
    jumps = [];
    watch = new ResumeWatch({
      onJump: (ms) => jumps.push(ms),
      wall: () => wall,
      monotonic: () => monotonic,
      everyMs: 1000,
    });
    watch.start();
  });

  afterEach(() => {
    watch.stop();
    vi.useRealTimers();
  });

  it('notices a jump of more than 2 s, once', () => {
    pass(1000, 2001);
    pass(1000);
    expect(jumps).toEqual([2001]);
  });

  it('notices a clock that was set back', () => {
    pass(1000, -3_600_000);
    expect(jumps).toEqual([-3_600_000]);
  });

  it('takes a jump of 2 s for a correction', () => {
    pass(1000, 2000);
    expect(jumps).toEqual([]);
  });

  it('does not add up small corrections over the days', () => {
    for (let i = 0; i < 100; i++) pass(1000, 500);
    expect(jumps).toEqual([]);
  });

  it('notices each of several jumps', () => {
    pass(1000, 5000);
    pass(1000, 6000);
    expect(jumps).toEqual([5000, 6000]);
  });

  it('rests when it is stopped', () => {
    watch.stop();
    pass(10_000, 60_000);
    expect(jumps).toEqual([]);
  });
});
