import { expect, test, vi } from 'vitest';
import { Arrivals } from '../src/arrivals.ts';

test('VMs that come together share a line, which names some and counts all', () => {
  vi.useFakeTimers();
  try {
    const lines: unknown[] = [];
    const arrivals = new Arrivals({ info: (fields: unknown) => void lines.push(fields) });
    for (let n = 0; n < 1000; n++) arrivals.add(`vm-${n}`);
    expect(lines).toEqual([]);
    vi.advanceTimersByTime(1000);
    const vms = Array.from({ length: 20 }, (_, n) => `vm-${n}`);
    expect(lines).toEqual([{ count: 1000, vms }]);
    arrivals.add('vm-late');
    arrivals.tell();
    arrivals.tell();
    vi.advanceTimersByTime(5000);
    expect(lines.slice(1)).toEqual([{ count: 1, vms: ['vm-late'] }]);
  } finally {
    vi.useRealTimers();
  }
});
