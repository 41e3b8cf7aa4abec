import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ROOT } from '../support/agent-process.ts';

let results: string;
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'results-'));
});
afterEach(() => rmSync(results, { recursive: true }));

/** Has vitest run these files, as a step of the CI. */
function runTests(step: string, files: Readonly<Record<string, string>>): void {
  const folder = join(results, 'project');
  mkdirSync(folder);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'vitest.config.ts'), 'export default { test: { globals: true } };');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const report = ['--reporter=json', `--outputFile=${join(results, `${step}.json`)}`];
  const log = openSync(join(results, `${step}.log`), 'w');
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--root', folder, '--reporter=default', ...report],
    { stdio: ['ignore', log, log], env: { PATH: process.env.PATH, FORCE_COLOR: '1' } },
  );
  closeSync(log);
  if (status !== 0) failed(step);
}

function failed(step: string): void {
  writeFileSync(join(results, 'failed'), `${step}\n`, { flag: 'a' });
}

function summary(): { lines: string[]; text: string; status: number | null } {
  const script = join(ROOT, 'scripts/count-results.mjs');
  const { status, stdout } = spawnSync(process.execPath, [script, results], { encoding: 'utf8' });
  return { lines: stdout.trimEnd().split('\n'), text: stdout, status };
}

it('only counts where all is well', () => {
  runTests('npm test', { 'a.test.ts': `test('a', () => undefined); test.skip('b');` });
  expect(summary()).toMatchObject({ lines: ['1 passed, 0 failed, 1 skipped'], status: 0 });
});

it('names each test that failed, and why', () => {
  runTests('npm test', {
    'a.test.ts': `describe('sums', () => {
      it('are right', () => expect({ sum: 1 + 1 }).toEqual({ sum: 3 }));
      it('are known', () => undefined);
    });`,
  });
  const { lines, text, status } = summary();
  expect(lines.slice(0, 2)).toEqual(['--- failed', 'npm test: a.test.ts > sums > are right']);
  expect(text).toMatch(/-\s+"sum": 3,\n\+\s+"sum": 2,/);
  expect(text).not.toContain('\u001b');
  expect(lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped');
  expect(status).toBe(1);
});

it('counts and explains a file that failed without a test that did', () => {
  runTests('npm test', {
    'hook.test.ts': `describe('a group', () => {
      beforeAll(() => { throw new Error('the hook broke'); });
      it('is not run', () => undefined);
    });`,
    'import.test.ts': `import './nowhere.ts'; it('is not seen', () => undefined);`,
    'crash.test.ts': `it('ends its process', () => process.kill(process.pid, 'SIGKILL'));`,
  });
  const { lines, text } = summary();
  expect(text).toContain('npm test: hook.test.ts > a group\nError: the hook broke');
  expect(text).toContain("Cannot find module './nowhere.ts'");
  expect(text).toMatch(/SIGKILL .*crash\.test\.ts/);
  expect(lines.at(-1)).toMatch(/^0 passed, 3 failed/);
});

it('counts and explains an error that no test caught', () => {
  runTests('npm test', {
    'a.test.ts': `it('lets it go', () => { Promise.reject(new Error('for nobody')); });`,
  });
  const { lines, text } = summary();
  expect(text).toMatch(/Unhandled Rejection .*\nError: for nobody/);
  expect(lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped');
});

it('names a test that passed only when it was run again', () => {
  runTests('virtual machine tests', {
    'a.test.ts': `let runs = 0;
      it('is slow to start', { retry: 1 }, () => expect(runs++).toBe(1));`,
  });
  const { lines, text, status } = summary();
  expect(lines[0]).toBe('--- passed only when run again');
  expect(text).toMatch(/a\.test\.ts > is slow to start\nAssertionError: expected \+?0 to be 1/);
  expect(lines.at(-1)).toBe('1 passed, 0 failed, 0 skipped');
  expect(status).toBe(0);
});

it('shows how the output of any other step ended', () => {
  writeFileSync(join(results, 'benchmark.log'), `${'before\n'.repeat(1000)}it crashed\n`);
  failed('benchmark');
  const { lines, text, status } = summary();
  expect(lines.slice(0, 2)).toEqual(['--- failed', 'benchmark, which ended with']);
  expect(text).toContain('before\nit crashed\n');
  expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  expect(status).toBe(1);
});

it('stays short however much fails', () => {
  runTests('npm test', {
    'a.test.ts': `it.each(Array.from({ length: 300 }, (_, i) => i))('%i fails', (i) => {
      throw new Error(('a long story ' + i + '\\n').repeat(100));
    });`,
  });
  const { lines, text } = summary();
  expect(text.length).toBeLessThan(6000);
  expect(text).toContain('a.test.ts > 0 fails\n');
  expect(text).toContain('and 280 more');
  expect(lines.at(-1)).toBe('0 passed, 300 failed, 0 skipped');
});
