import { ErrorCategory } from '../gen/messages.ts';
import { categoryOf, codeString, type ErrorName } from './agent-error.ts';
import { CATALOGUE } from './catalogue.ts';

export interface CatalogueEntry {
  /** `QXGA-4001` */
  readonly code: string;
  readonly name: ErrorName;
  /** `file_operation` */
  readonly category: string;
  readonly description: string;
  readonly resolution: string;
}

/** The whole catalogue as data, in the order of the codes. */
export function catalogueEntries(): CatalogueEntry[] {
  const names = Object.keys(CATALOGUE) as ErrorName[];
  return names.map((name) => {
    const [code, description, resolution] = CATALOGUE[name];
    return { code: codeString(code), name, category: categoryWord(code), description, resolution };
  });
}

/** The catalogue as the page `docs/errors.md`. */
export function catalogueMarkdown(): string {
  const lines = [
    '# Error codes',
    '',
    'Every failed answer carries one of these codes, in its `error` text (`QXGA-4001: ...`) and,',
    'in structured form, in the envelope. `limiquantix-agent --errors` prints them as JSON.',
  ];
  let category = '';
  for (const entry of catalogueEntries()) {
    if (entry.category !== category) {
      category = entry.category;
      lines.push('', `## ${category.replace('_', ' ')}`, '');
      lines.push('| Code | Name | Description | What to do |', '| --- | --- | --- | --- |');
    }
    lines.push(`| ${entry.code} | ${entry.name} | ${entry.description} | ${entry.resolution} |`);
  }
  return `${lines.join('\n')}\n`;
}

function categoryWord(code: number): string {
  const category = categoryOf(code);
  const names = Object.keys(ErrorCategory) as (keyof typeof ErrorCategory)[];
  return (names.find((name) => ErrorCategory[name] === category) ?? 'UNSPECIFIED').toLowerCase();
}
