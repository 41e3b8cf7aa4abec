import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { scratch } from './machine.ts';

const bundle = join(scratch(), 'plugin.cjs');

beforeAll(async () => {
  const entry = fileURLToPath(new URL('../src/index.ts', import.meta.url));
  await build({
    entryPoints: [entry],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
  });
});

test('the library is part of the bundle, and is not run when the agent loads it', () => {
  const required: string[] = [];
  const require = createRequire(bundle);
  const recording = (id: string) => {
    required.push(id);
    return require(id);
  };
  const module = { exports: {} as { default?: unknown } };
  const parameters = ['exports', 'require', 'module', '__filename'];
  const run = compileFunction(readFileSync(bundle, 'utf8'), parameters);
  run(module.exports, recording, module, bundle);
  expect(module.exports.default).toHaveProperty('activate');
  // The library names what it needs without the prefix.
  expect(required.length).toBeGreaterThan(0);
  expect(required.filter((id) => !id.startsWith('node:'))).toEqual([]);
});

test('the bundle has no import(), which would keep every version in memory', () => {
  expect(readFileSync(bundle, 'utf8')).not.toMatch(/\bimport\(/);
});

test('the library answers in a process of its own', () => {
  const ask = 'require(process.argv[1]).printGraphics()';
  const stdout = execFileSync(process.execPath, ['--eval', ask, '--', bundle], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' },
  });
  expect(JSON.parse(stdout)).toHaveProperty('controllers');
});
