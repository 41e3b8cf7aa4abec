// Writes src/gen/*.ts from the schema. protobufjs-cli's static target keeps unknown
// fields, merges through prototypes and comes to 600 KB for this schema; these codecs
// run on the same protobufjs Reader and Writer, make plain objects and come to a tenth.
//
//   npm run generate            write the files
//   npm run generate -- --check exit 1 where they differ from the schema
import { readFileSync, writeFileSync } from 'node:fs';
import { codecSource } from './codec.mjs';
import { messagesSource } from './messages.mjs';
import { readSchema } from './schema.mjs';
import { tablesSource } from './tables.mjs';

const schema = readSchema(new URL('../limiquantix/agent/v1/agent.proto', import.meta.url));
const outputs = { messages: messagesSource, codec: codecSource, tables: tablesSource };
const check = process.argv.includes('--check');
let stale = false;
for (const [name, source] of Object.entries(outputs)) {
  const file = new URL(`../src/gen/${name}.ts`, import.meta.url);
  const text = `// Generated from limiquantix/agent/v1/agent.proto by \`npm run generate\`; do not edit.\n${source(schema)}`;
  if (!check) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`proto/src/gen/${name}.ts differs from the schema: run \`npm run generate\``);
    stale = true;
  }
}
process.exitCode = stale ? 1 : 0;
