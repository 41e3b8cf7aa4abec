// The timing of VESA's Coordinated Video Timings 1.1 for 60 Hz without reduced blanking.
import type { Size } from './output.ts';

const REFRESH_HZ = 60;
/** Horizontal pixels come in cells of eight. */
const CELL = 8;
const MIN_VERTICAL_PORCH = 3;
/** The shortest time for vertical sync and back porch, in microseconds. */
const MIN_VERTICAL_BLANK = 550;
const CLOCK_STEP_MHZ = 0.25;
const SYNC_PERCENT_OF_LINE = 8;

/** The height of the vertical sync pulse tells the aspect ratio. */
const VERTICAL_SYNC: readonly (readonly [across: number, down: number, lines: number])[] = [
  [4, 3, 4],
  [16, 9, 5],
  [16, 10, 6],
  [5, 4, 7],
  [15, 9, 7],
];
const VERTICAL_SYNC_OF_OTHERS = 10;

/** The widest that CVT can time and is no wider than asked. */
export function cvtWidth(width: number): number {
  return Math.max(CELL, down(width, CELL));
}

/**
 * The words that `xrandr --newmode NAME` takes: clock in MHz, four numbers of a line, four of
 * a frame, the polarities of the sync pulses.
 * @param size a width that is no multiple of eight is kept: virtual cards do not mind
 */
export function modeline({ width, height }: Size): string[] {
  const cells = cvtWidth(width);
  const syncLines = verticalSync(width, height);
  // In microseconds; the frame less what vertical blanking takes at least.
  const linePeriod = (1e6 / REFRESH_HZ - MIN_VERTICAL_BLANK) / (height + MIN_VERTICAL_PORCH);
  const syncAndBack = Math.max(
    Math.floor(MIN_VERTICAL_BLANK / linePeriod) + 1,
    syncLines + MIN_VERTICAL_PORCH,
  );
  const dutyPercent = Math.max(20, 30 - (300 * linePeriod) / 1000);
  const blank = Math.max(2 * CELL, down((cells * dutyPercent) / (100 - dutyPercent), 2 * CELL));
  const total = cells + blank;
  const syncEnd = cells + blank / 2;
  const sync = Math.floor((total * SYNC_PERCENT_OF_LINE) / 100);
  // The next cell, and one that is left for the pulse.
  const syncStart = Math.min(down(syncEnd - sync, CELL) + CELL, syncEnd - CELL);
  const clock = down(total / linePeriod, CLOCK_STEP_MHZ);
  const numbers = [
    width,
    ...[syncStart, syncEnd, total].map((pixels) => pixels + width - cells),
    height,
    height + MIN_VERTICAL_PORCH,
    height + MIN_VERTICAL_PORCH + syncLines,
    height + MIN_VERTICAL_PORCH + syncAndBack,
  ];
  // The tiniest sizes have a clock that rounds to nothing.
  return [Math.max(clock, CLOCK_STEP_MHZ).toFixed(2), ...numbers.map(String), '-hsync', '+vsync'];
}

function verticalSync(width: number, height: number): number {
  const found = VERTICAL_SYNC.find(
    ([across, down]) => height % down === 0 && width * down === height * across,
  );
  return found?.[2] ?? VERTICAL_SYNC_OF_OTHERS;
}

function down(value: number, step: number): number {
  return Math.floor(value / step) * step;
}
