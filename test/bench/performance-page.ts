import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/agent-process.ts';
import type { RowResult } from './evaluate.ts';
import { type Machine, machineLine } from './machine.ts';
import { cells, HEADINGS, renderSummary } from './table.ts';

const PAGE = join(ROOT, 'docs/performance.md');
const BEGIN = '<!-- npm run bench -- --write-docs: from here -->';
const END = '<!-- to here -->';

/**
 * Puts the table of a run into docs/performance.md; what people wrote around it stays.
 * @returns the file
 * @throws Error where the page has lost the marks of the place
 */
export function writePerformancePage(machine: Machine, rows: readonly RowResult[]): string {
  const page = readFileSync(PAGE, 'utf8');
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${PAGE} must contain "${BEGIN}" and "${END}"`);
  const run = `${machine.date.slice(0, 10)}: ${machineLine(machine)}.`;
  const table = [HEADINGS, HEADINGS.map(() => '---'), ...rows.map(cells)]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
  const before = page.slice(0, begin + BEGIN.length);
  writeFileSync(
    PAGE,
    `${before}\n\n${run}\n\n${table}\n\n${renderSummary(rows)}\n\n${page.slice(end)}`,
  );
  return PAGE;
}
