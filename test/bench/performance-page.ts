import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/agent-process.ts';
import type { RowResult } from './evaluate.ts';
import { type Machine, machineLine } from './machine.ts';
import type { CaseResult } from './run-case.ts';
import { cells, HEADINGS, renderSummary } from './table.ts';

const PAGE = join(ROOT, 'docs/performance.md');
const BEGIN = '<!-- npm run bench -- --write-docs: from here -->';
const END = '<!-- to here -->';

/**
 * Puts the table of a run into docs/performance.md; what people wrote around it stays.
 * @returns the file
 * @throws Error where the page has lost the marks of the place
 */
export function writePerformancePage(
  machine: Machine,
  rows: readonly RowResult[],
  cases: readonly CaseResult[],
): string {
  const page = readFileSync(PAGE, 'utf8');
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${PAGE} must contain "${BEGIN}" and "${END}"`);
  const run = `${machine.date.slice(0, 10)}: ${machineLine(machine)}.`;
  const table = [HEADINGS, HEADINGS.map(() => '---'), ...rows.map(cells)]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
  const remarks = cases.flatMap(({ name, remarks }) => remarks.map((text) => `- ${name}: ${text}`));
  const parts = [run, table, renderSummary(rows), ...remarks];
  const before = page.slice(0, begin + BEGIN.length);
  writeFileSync(PAGE, [before, ...parts, page.slice(end)].join('\n\n'));
  return PAGE;
}
