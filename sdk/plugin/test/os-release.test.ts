import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { readOsRelease } from '../src/guest/os-release.ts';

const dir = mkdtempSync(join(tmpdir(), 'os-release-'));
afterAll(() => rmSync(dir, { recursive: true }));

function read(text: string) {
  const path = join(dir, 'os-release');
  writeFileSync(path, text);
  return readOsRelease([path]);
}

test.each([
  [
    'Debian',
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
    { name: 'Debian GNU/Linux', version: '12', id: 'debian', build: '' },
  ],
  [
    'Alpine, without quotes',
    'NAME=Alpine\nID=alpine\nVERSION_ID=3.20.3\n',
    { name: 'Alpine', version: '3.20.3', id: 'alpine', build: '' },
  ],
  [
    'Arch, which has builds and no versions',
    'NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n',
    { name: 'Arch Linux', version: '', id: 'arch', build: 'rolling' },
  ],
  [
    'Rocky, with lines that end as on Windows',
    'NAME="Rocky Linux"\r\nVERSION_ID="9.4"\r\nID="rocky"\r\n',
    { name: 'Rocky Linux', version: '9.4', id: 'rocky', build: '' },
  ],
  [
    'comments, single quotes and escapes',
    `# NAME=no\nNAME='a $b \\\\ c'\nVERSION_ID="1 \\"x\\" \\$y \\\\z"\n  ID=indented\n`,
    { name: 'a $b \\\\ c', version: '1 "x" $y \\z', id: '', build: '' },
  ],
])('reads the file of %s', (_what, text, expected) => {
  expect(read(text)).toEqual(expected);
});

test('takes the first of the paths that can be read', () => {
  const second = join(dir, 'second');
  writeFileSync(second, 'ID=second\n');
  expect(readOsRelease([join(dir, 'missing'), dir, second]).id).toBe('second');
});

test('knows nothing where there is no file, and invents nothing', () => {
  expect(readOsRelease([])).toEqual({ name: '', version: '', id: '', build: '' });
});

test('reads back every name that was quoted as the shell would', () => {
  const line = fc.string({ unit: 'binary' }).filter((s) => !/[\n\r\u2028\u2029]/.test(s));
  fc.assert(
    fc.property(line, (name) => {
      const quoted = name.replace(/[\\"$`]/g, '\\$&');
      expect(read(`ID=x\nNAME="${quoted}"\n`).name).toBe(name.toWellFormed());
    }),
  );
});

test('reads any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(Object.values(read(text)).every((value) => typeof value === 'string')).toBe(true);
    }),
  );
});
