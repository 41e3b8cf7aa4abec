import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  codeCacheContent,
  codeCacheOf,
  fromCodeCache,
  scriptOf,
  textOf,
} from '../src/code-cache.ts';
import { temporaryFolder } from './temporary.ts';

const SOURCE = 'exports.answer = () => 41 + 1;\nexports.fail = () => { throw new Error("no"); };\n';

interface Exports {
  answer(): number;
  fail(): never;
}

let bundle: string;
let cache: string;

beforeEach(() => {
  bundle = join(temporaryFolder(), 'bundle.cjs');
  cache = codeCacheOf(bundle);
  writeFileSync(bundle, SOURCE);
  const text = textOf(bundle);
  const script = scriptOf(text, 'bundle.cjs');
  script.runInThisContext();
  writeFileSync(cache, codeCacheContent(text, script));
});

function load(): Exports | undefined {
  const exports = {};
  const run = fromCodeCache(bundle);
  run?.(exports, require, { exports }, bundle, join(bundle, '..'));
  return run && (exports as Exports);
}

describe('code that was compiled before', () => {
  it('does what the source says', () => {
    expect(load()?.answer()).toBe(42);
  });

  it('says where it fails, by the place where its source is now', () => {
    const { fail } = load() as Exports;
    expect(fail).toThrow(
      expect.objectContaining({ stack: expect.stringContaining(`${bundle}:2`) }),
    );
  });

  it.each([
    [
      'of a source that was changed since, to one as long',
      () => edit(bundle, SOURCE.indexOf('41')),
    ],
    ['that lost a bit on the disk', () => edit(cache, readFileSync(cache).length - 40)],
    ['that was cut off', () => writeFileSync(cache, readFileSync(cache).subarray(0, 100))],
    ['that is empty', () => writeFileSync(cache, '')],
  ])('is not used %s', (_, damage) => {
    damage();
    expect(load()).toBeUndefined();
  });
});

it.each(['main', 'read-yaml', 'log-writer', 'validators'])(
  'is what the built agent loads %s from, with the flags of its launchers',
  (name) => {
    const core = join(import.meta.dirname, '..');
    const flags = JSON.parse(readFileSync(join(core, 'runtime-flags.json'), 'utf8'));
    const script = `
      const { fromCodeCache } = require('./dist/code-cache.js');
      console.log(typeof fromCodeCache('dist/${name}.cjs'))`;
    const said = execFileSync(process.execPath, [...flags, '-e', script], { cwd: core });
    expect(`${said}`).toBe('function\n');
  },
);

function edit(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] as number) ^ 1;
  writeFileSync(file, bytes);
}
