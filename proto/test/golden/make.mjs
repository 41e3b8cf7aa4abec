// Writes frames.hex: each *.txtpb of this folder as `protoc --encode` makes it, one line
// each, `<name> <message in hex>`. An encoder that shares nothing with ours.
//
//   node proto/test/golden/make.mjs      needs protoc (Debian: protobuf-compiler)
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const here = new URL('./', import.meta.url);
const schema = new URL('../../', import.meta.url).pathname;

const lines = readdirSync(here)
  .filter((file) => file.endsWith('.txtpb'))
  .sort()
  .map((file) => {
    const message = execFileSync(
      'protoc',
      [
        '--encode=limiquantix.agent.v1.AgentMessage',
        '--deterministic_output',
        `--proto_path=${schema}`,
        'limiquantix/agent/v1/agent.proto',
      ],
      { input: readFileSync(new URL(file, here)) },
    );
    return `${file.slice(0, -'.txtpb'.length)} ${message.toString('hex')}\n`;
  });
writeFileSync(new URL('frames.hex', here), lines.join(''));
console.log(`${lines.length} messages`);
