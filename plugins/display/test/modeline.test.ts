import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cvtWidth, modeline } from '../src/modeline.ts';
import { has } from './desktops.ts';

/** Of VESA's own spreadsheet, as every implementation has them. */
const KNOWN: readonly (readonly [width: number, height: number, line: string])[] = [
  [1920, 1080, '173.00 1920 2048 2248 2576 1080 1083 1088 1120 -hsync +vsync'],
  [1024, 768, '63.50 1024 1072 1176 1328 768 771 775 798 -hsync +vsync'],
  [1920, 1200, '193.25 1920 2056 2256 2592 1200 1203 1209 1245 -hsync +vsync'],
];

describe('a modeline', () => {
  it.each(KNOWN)('of %ix%i is that of the standard', (width, height, line) => {
    expect(modeline({ width, height }).join(' ')).toBe(line);
  });

  it.skipIf(!has('cvt'))('is what cvt computes (needs cvt)', () => {
    for (const [width, height] of [
      [640, 480],
      [800, 600],
      [1000, 700],
      [1280, 1024],
      [1280, 768],
      [1680, 1050],
      [2560, 1600],
      [3840, 2160],
      [7680, 4320],
      [16_384, 16_384],
    ] as const) {
      const out = execFileSync('cvt', [String(width), String(height)], { encoding: 'utf8' });
      const theirs = /^Modeline\s+"[^"]*"\s+(.*)$/m.exec(out)?.[1]?.replace(/\s+/g, ' ');
      expect(modeline({ width, height }).join(' ')).toBe(theirs);
    }
  });

  it('is in order for every size', () => {
    const pixels = fc.integer({ min: 1, max: 16_384 });
    fc.assert(
      fc.property(pixels, pixels, (width, height) => {
        const [clock = 0, ...n] = modeline({ width, height }).slice(0, 9).map(Number);
        expect(clock).toBeGreaterThan(0);
        const [line, frame] = [n.slice(0, 4), n.slice(4)] as [number[], number[]];
        expect(line[0]).toBe(width);
        expect(frame[0]).toBe(height);
        // Sync is a pulse: it begins at or after the picture, and ends before the next.
        for (const [visible, start, end, total] of [line, frame] as [
          number,
          number,
          number,
          number,
        ][]) {
          expect(start).toBeGreaterThanOrEqual(visible);
          expect(end).toBeGreaterThan(start);
          expect(total).toBeGreaterThanOrEqual(end);
        }
      }),
    );
  });

  it('is timed in cells of eight pixels', () => {
    expect([1, 8, 1366, 1921].map(cvtWidth)).toEqual([8, 8, 1360, 1920]);
  });
});
