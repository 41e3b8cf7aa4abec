import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestMemory } from '../../src/session/memory.ts';

const MIB = 1024 * 1024;

describe('the memory of requests', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is used again, and empty for who still looks at it', () => {
    const memory = new RequestMemory();
    const first = new ArrayBuffer(1000);
    const view = new Uint8Array(first, 4).fill(1);
    memory.give(first);
    expect(view).toHaveLength(0);
    const again = memory.take(900);
    expect(again?.byteLength).toBe(1000);
    expect(memory.take(900)).toBeUndefined();
  });

  it('may be given twice', () => {
    const memory = new RequestMemory();
    const first = new ArrayBuffer(1000);
    memory.give(first);
    memory.give(first);
    expect(memory.take(1000)).toBeDefined();
    expect(memory.take(1000)).toBeUndefined();
  });

  it('is not wasted on much smaller requests, nor given to larger ones', () => {
    const memory = new RequestMemory();
    memory.give(new ArrayBuffer(1000));
    expect(memory.take(400)).toBeUndefined();
    expect(memory.take(1001)).toBeUndefined();
  });

  it('is kept for a second, and no more of it than 4 MiB', () => {
    const memory = new RequestMemory();
    for (let i = 0; i < 6; i++) memory.give(new ArrayBuffer(MIB));
    const kept = Array.from({ length: 5 }, () => memory.take(MIB));
    expect(kept.map((one) => one !== undefined)).toEqual([true, true, true, true, false]);
    for (const one of kept) if (one) memory.give(one);
    vi.advanceTimersByTime(1000);
    expect(memory.take(MIB)).toBeUndefined();
  });
});
