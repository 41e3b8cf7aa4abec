import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { openDocument } from '../../src/config/document.ts';
import { readConfigSource } from '../../src/config/source.ts';
import { temporaryFolder } from '../temporary.ts';

let dir: string;
let file: string;

beforeEach(() => {
  dir = temporaryFolder();
  file = join(dir, 'agent.yaml');
});

async function read(text: string): Promise<unknown> {
  writeFileSync(file, text, { mode: 0o600 });
  return (await readConfigSource(file)).value;
}

describe('a file is read as the parser reads it that says where an error is', () => {
  it.each([
    ['a bracket at the beginning of a line', 'key: [\n  a,\n  b\n]\nx: {\n  y: 1\n}\n'],
    ['numbers of all kinds', 'a: 0o17\nb: 0x1f\nc: 1e3\nd: .5\ne: 0777\nf: 1_000\ng: +1\nh: 0b1\n'],
    ['words that were once booleans', 'a: yes\nb: off\nc: TRUE\nd: ~\ne: Null\n'],
    ['a date', 'a: 2001-12-14\n'],
    ['more aliases than are taken at once', `a: &a x\nb: [${Array(30).fill('*a')}]\n`],
    ['a byte order mark, and line ends of Windows', '\ufeffa: 1\r\nb: x\r\n'],
    ['text of several lines', 'a: |\n  x\n  y\nb: >-\n  x\n  y\nc: "x\n  y"\n'],
    ['a directive', '%YAML 1.2\n---\na: 1\n'],
    ['JSON', '{\n"a": [1,\n2],\n"b": {"c": null}\n}\n'],
  ])('%s', async (_, text) => {
    expect(await read(text)).toEqual((await openDocument(text, file)).value);
  });

  it('whatever it holds', async () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }));
    await fc.assert(
      fc.asyncProperty(value, async (content) => {
        const text = stringify(content);
        expect(await read(text)).toEqual((await openDocument(text, file)).value ?? {});
      }),
      { numRuns: 200 },
    );
  });
});

it('runs nothing that lies in the working directory', async () => {
  mkdirSync(join(dir, '.config'));
  writeFileSync(join(dir, '.config', 'config.js'), 'globalThis.wasRun = true;');
  const before = process.cwd();
  try {
    process.chdir(dir);
    expect(await read('log_level: info\n')).toEqual({ log_level: 'info' });
  } finally {
    process.chdir(before);
  }
  expect(globalThis).not.toHaveProperty('wasRun');
});

it('takes nothing in from another file', async () => {
  writeFileSync(join(dir, 'more.yaml'), 'log_level: debug\n');
  expect(await read('$import: more.yaml\n')).toEqual({ $import: 'more.yaml' });
});
