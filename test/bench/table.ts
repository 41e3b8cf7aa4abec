import type { RowResult } from './evaluate.ts';
import type { Spread } from './statistics.ts';

const MARKS = { goal: 'goal', gate: 'gate', missed: 'MISSED', info: '' } as const;

export const HEADINGS = ['case', 'what', 'ours', 'peer', 'figure', 'quartiles', 'gate', 'goal', ''];
const LAST = HEADINGS.length - 1;

/** One line's cells, under the headings. */
export function cells(row: RowResult): string[] {
  const { against, unit, note, figure, gate, goal, mark } = row;
  const sign = figureUnit(row);
  return [
    row.case,
    against ? `${row.title}, over ${against.contestant}` : row.title,
    quantity(row.ours?.median, unit),
    quantity(row.theirs?.median, unit),
    against ? quantity(figure?.median, sign) : '',
    quartiles(figure),
    quantity(gate, sign),
    quantity(goal, sign),
    note ?? MARKS[mark],
  ];
}

export function renderTable(rows: readonly RowResult[]): string {
  const lines = [HEADINGS, ...rows.map(cells)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  // Names to the left, figures to the right.
  const pad = (cell: string, column: number) =>
    column < 2 || column === LAST
      ? cell.padEnd(widths[column] ?? 0)
      : cell.padStart(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

/** How many of the gates and goals are reached. */
export function renderSummary(rows: readonly RowResult[]): string {
  const judged = rows.filter(({ figure, gate }) => figure && gate !== undefined);
  const aimed = judged.filter(({ goal }) => goal !== undefined);
  const reached = judged.filter(({ mark }) => mark !== 'missed');
  const goals = aimed.filter(({ mark }) => mark === 'goal');
  return `${reached.length} of ${judged.length} gates and ${goals.length} of ${aimed.length} goals are reached.`;
}

function figureUnit({ against, unit }: RowResult): string {
  if (against?.by === 'ratio') return 'x';
  return unit;
}

function quartiles(spread: Spread | undefined): string {
  if (!spread || spread.lower === spread.upper) return '';
  return `${digits(spread.lower)}–${digits(spread.upper)}`;
}

function quantity(value: number | undefined, unit: string): string {
  if (value === undefined) return '';
  return unit === 'x' || unit === '%' ? `${digits(value)}${unit}` : `${digits(value)} ${unit}`;
}

/** Three significant digits, without an exponent. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(3, Math.max(0, 2 - magnitude)));
}
