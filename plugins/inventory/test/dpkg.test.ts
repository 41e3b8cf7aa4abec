import { execFileSync } from 'node:child_process';
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Dpkg } from '../src/linux/software/dpkg.ts';
import { StanzaReader } from '../src/linux/software/stanzas.ts';
import { grow } from './machine.ts';
import { reading } from './packages.ts';

describe.skipIf(!existsSync('/usr/bin/dpkg-query'))("this machine's packages (needs dpkg)", () => {
  /** What dpkg itself says is installed, and the name of each package's list. */
  function query() {
    const fields = ['db:Status-Status', 'Package', 'Version', 'Architecture', 'Installed-Size'];
    const format = [...fields, 'Maintainer', 'binary:Package'].map((field) => `\${${field}}`);
    return execFileSync('dpkg-query', ['-W', '-f', `${format.join('\\t')}\\n`], {
      encoding: 'utf8',
    })
      .split('\n')
      .filter((row) => /^(installed|triggers)/.test(row))
      .map((row) => row.split('\t'))
      .map(([, name = '', version = '', architecture = '', size, publisher = '', list = '']) => ({
        row: { name, version, architecture, sizeBytes: Number(size) * 1024, publisher },
        list,
      }));
  }

  test('are those of dpkg-query', async () => {
    const found = await new Dpkg().read(reading);
    const key = (one: object) => JSON.stringify(one);
    const rows = found.map(({ name, version, architecture, sizeBytes, publisher }) =>
      key({ name, version, architecture, sizeBytes, publisher }),
    );
    expect(rows.sort()).toEqual(
      query()
        .map(({ row }) => key(row))
        .sort(),
    );
    expect(found.every(({ packageType }) => packageType === 'deb')).toBe(true);
  });

  test('were installed when dpkg wrote the list of their files', async () => {
    const found = await new Dpkg().read(reading);
    for (const { row, list } of query().slice(0, 20)) {
      const own = found.find((p) => p.name === row.name && p.architecture === row.architecture);
      const said = execFileSync('stat', ['-c', '%Y', `/var/lib/dpkg/info/${list}.list`]);
      expect(Math.floor(own?.installDate?.seconds ?? 0)).toBe(Number(said));
    }
    expect(found.every(({ installDate }) => installDate !== undefined)).toBe(true);
  });

  test('have a revision that stays', async () => {
    const dpkg = new Dpkg();
    expect(await dpkg.revision()).not.toBe('');
    expect(await dpkg.revision()).toBe(await dpkg.revision());
  });
});

const STATUS = `Package: bash
Status: install ok installed
Priority: required
Installed-Size: 7164
Maintainer: Matthias Klose <doko@debian.org>
Architecture: amd64
Multi-Arch: foreign
Version: 5.2.15-2+b7
Conffiles:
 /etc/bash.bashrc 89269e1298235f1b12b4c16e4065ad0d
Description: GNU Bourne Again SHell
 Package: not this one
 .
 Version: 0

Package: libc6
Status: hold ok installed
Installed-Size: 12986
Maintainer: Jürgen Ä. <a@example.org>
Architecture: amd64
Multi-Arch: same
Version: 2.36-9+deb12u10

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0

Package: half
Status: install reinstreq half-installed
Architecture: amd64
Version: 1.0

Package: busy
Status: install ok triggers-pending
Architecture: all
Version: 1:1.0~rc1-1
`;

async function packagesIn(directory: string) {
  return new Dpkg(directory).read(reading);
}

test('lists what is installed, also what is held, and nothing that only left its settings', async () => {
  const packages = await packagesIn(grow({ status: STATUS }));
  expect(packages.map(({ name, version }) => [name, version])).toEqual([
    ['bash', '5.2.15-2+b7'],
    ['libc6', '2.36-9+deb12u10'],
    ['busy', '1:1.0~rc1-1'],
  ]);
  expect(packages[1]).toMatchObject({
    publisher: 'Jürgen Ä. <a@example.org>',
    sizeBytes: 12_986 * 1024,
    architecture: 'amd64',
  });
  expect(packages[2]).toMatchObject({ publisher: '', sizeBytes: 0, installDate: undefined });
});

test('of a package that is installed for several architectures each has its date', async () => {
  const directory = grow({ status: STATUS, info: { 'bash.list': '', 'libc6:amd64.list': '' } });
  const date = (name: string, seconds: number) =>
    utimesSync(join(directory, 'info', name), seconds, seconds);
  date('bash.list', 1_600_000_000);
  date('libc6:amd64.list', 1_700_000_000);
  const packages = await packagesIn(directory);
  expect(packages.map(({ installDate }) => installDate?.seconds)).toEqual([
    1_600_000_000,
    1_700_000_000,
    undefined,
  ]);
});

test('a name that leads out of its folder is not followed', async () => {
  const status = STATUS.replace('Package: bash', 'Package: ../../bash');
  const directory = grow({ lib: { dpkg: { status } }, 'bash.list': '' });
  const [bash] = await packagesIn(join(directory, 'lib/dpkg'));
  expect(bash).toMatchObject({ name: '../../bash', installDate: undefined });
});

test('images that are made without dpkg have a file for each package', async () => {
  const base = 'Package: base-files\nVersion: 12.4\nArchitecture: amd64\nInstalled-Size: 341\n';
  const directory = grow({
    'status.d': { base, 'base.md5sums': 'Package: no\n', tzdata: 'Package: tzdata\nVersion: 1\n' },
  });
  const packages = await packagesIn(directory);
  expect(packages.map(({ name, version }) => [name, version])).toEqual([
    ['base-files', '12.4'],
    ['tzdata', '1'],
  ]);
});

test('the revision changes with the database, and is empty without one', async () => {
  expect(await new Dpkg(grow({})).revision()).toBe('');
  const directory = grow({ status: STATUS });
  const before = await new Dpkg(directory).revision();
  writeFileSync(join(directory, 'status'), STATUS.replace('5.2.15', '5.2.16'));
  expect(await new Dpkg(directory).revision()).not.toBe(before);
});

test('a database of 6 MB is read in slices', async () => {
  const stanza = `${STATUS.split('\n\n')[0]}\n${' x'.repeat(500)}\n\n`;
  const copies = Math.ceil((6 * 1024 * 1024) / stanza.length);
  const directory = grow({ status: stanza.repeat(copies) });
  let turns = 0;
  let again = setImmediate(function count() {
    turns++;
    again = setImmediate(count);
  });
  onTestFinished(() => clearImmediate(again));
  expect(await packagesIn(directory)).toHaveLength(copies);
  // One for each 64 KiB.
  expect(turns).toBeGreaterThan(90);
});

test('a reading that is stopped ends', async () => {
  const signal = AbortSignal.abort();
  const directory = grow({ status: STATUS });
  await expect(new Dpkg(directory).read({ ...reading, signal })).rejects.toThrow('aborted');
});

test('any text is read without failing, and nothing in it grows', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('', ' ', '\t', ':', 'Package:', 'Package: a', 'Package: b', 'Status: x y z'),
    fc.string({ minLength: 2000, maxLength: 3000 }).map((text) => `Package: ${text}`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 50 }), (lines) => {
      const reader = new StanzaReader(['Package', 'Status']);
      for (const stanza of [...reader.take(lines), ...reader.end()]) {
        expect(stanza.size).toBeGreaterThan(0);
        for (const [name, value] of stanza) {
          expect(['Package', 'Status']).toContain(name);
          expect(value.length).toBeLessThanOrEqual(1024);
        }
      }
      expect(reader.end()).toEqual([]);
    }),
  );
});

test('any packages are read as they were written, wherever the lines are cut', () => {
  const word = fc.stringMatching(/^[a-z0-9.+-]{1,20}$/);
  const packages = fc.array(fc.record({ name: word, version: word }), { maxLength: 20 });
  fc.assert(
    fc.property(packages, fc.integer({ min: 1, max: 7 }), (written, size) => {
      const lines = written.flatMap(({ name, version }) => [
        `Package: ${name}`,
        'Description: x',
        ' Version: no',
        `Version: ${version}`,
        '',
      ]);
      const reader = new StanzaReader(['Package', 'Version']);
      const read = [];
      for (let from = 0; from < lines.length; from += size) {
        read.push(...reader.take(lines.slice(from, from + size)));
      }
      read.push(...reader.end());
      expect(read.map((s) => ({ name: s.get('Package'), version: s.get('Version') }))).toEqual(
        written,
      );
    }),
  );
});
