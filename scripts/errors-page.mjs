// Writes docs/errors.md from the catalogue; with --check only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { catalogueMarkdown } from '@limiquantix/agent-proto';

const file = new URL('../docs/errors.md', import.meta.url);
const page = catalogueMarkdown();
if (!process.argv.includes('--check')) writeFileSync(file, page);
else if (readFileSync(file, 'utf8') !== page) {
  console.error('docs/errors.md differs from the catalogue: run `npm run generate`');
  process.exitCode = 1;
}
