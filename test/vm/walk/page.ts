import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { STEPS, type Step } from './steps.ts';

/** Where operators find what each request answers. */
export const PAGE: string = fileURLToPath(
  new URL('../../../docs/rest-examples.md', import.meta.url),
);

const HEAD = `# The REST API by example

Each request of the [gateway](../sdk/gateway/README.md) with what a virtual machine answered to it, one
after the other. Paths come after \`/api/v1/vms/{vm_id}/agent\`. Long lists and texts are cut short (\`...\`).

This page is written by \`UPDATE_EXAMPLES=1 npm run test:vm -- walk\`; without it the test tells where an
answer no longer has the shape that it has here.
`;

/** Lists of objects are cut to so many, and texts to so many characters. */
const MOST_OBJECTS = 2;
const LONGEST_TEXT = 120;

export function renderPage(answers: ReadonlyMap<Step, unknown>): string {
  const sections = STEPS.map((step) => {
    const { title, method, path, body, status } = step;
    const request = body ? `\n\n${json(body)}` : '';
    return `## ${title}\n\n\`${method} ${path}\`${request}\n\n${status}:\n\n${json(shortened(answers.get(step)))}\n`;
  });
  return [HEAD, ...sections].join('\n');
}

/** The answers on the page, by title. */
export function readPage(): ReadonlyMap<string, unknown> {
  const text = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
  const answers = new Map<string, unknown>();
  for (const section of text.split(/^## /m).slice(1)) {
    const blocks = [...section.matchAll(/^```json\n(.*?)^```/gms)];
    const title = section.slice(0, section.indexOf('\n'));
    answers.set(title, JSON.parse(blocks.at(-1)?.[1] ?? 'null'));
  }
  return answers;
}

/**
 * Where two answers differ in names or types, as paths such as `entries[0].size_bytes`. Of lists the
 * first elements count, where both have one: how much a guest has is not what the page is about.
 */
export function differences(expected: unknown, actual: unknown, path = ''): string[] {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length === 0 || actual.length === 0) return [];
    return differences(expected[0], actual[0], `${path}[0]`);
  }
  if (!isObject(expected) || !isObject(actual)) {
    return typeof expected === typeof actual ? [] : [`${path}: ${typeof actual}`];
  }
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...keys].flatMap((key) =>
    differences(expected[key], actual[key], path ? `${path}.${key}` : key),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}...` : value;
  }
  if (Array.isArray(value))
    return value.filter((each, index) => !isObject(each) || index < MOST_OBJECTS).map(shortened);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shortened(each)]));
}

function json(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}
