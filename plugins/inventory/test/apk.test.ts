import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Apk } from '../src/linux/software/apk.ts';
import { grow } from './machine.ts';
import { reading } from './packages.ts';

// Three packages of Alpine 3.14's minirootfs for armv7, as apk-tools 2.12.6 wrote them.
const INSTALLED = new URL('fixtures/alpine-3.14-armv7.installed', import.meta.url).pathname;

test("reads Alpine's database", async () => {
  const about = { installDate: undefined, packageType: 'apk', architecture: 'armv7' };
  const publisher = 'Natanael Copa <ncopa@alpinelinux.org>';
  expect(await new Apk(INSTALLED).read(reading)).toEqual([
    {
      ...about,
      name: 'musl',
      version: '1.2.2-r3',
      publisher: 'Timo Teräs <timo.teras@iki.fi>',
      sizeBytes: 516_096,
    },
    { ...about, name: 'zlib', version: '1.2.11-r3', publisher, sizeBytes: 77_824 },
    { ...about, name: 'libc-utils', version: '0.7.2-r3', publisher, sizeBytes: 4096 },
  ]);
});

test('the last package needs no empty line behind it', async () => {
  const installed = readFileSync(INSTALLED, 'utf8').trimEnd();
  const packages = await new Apk(join(grow({ installed }), 'installed')).read(reading);
  expect(packages).toHaveLength(3);
});

test('a guest without it has no revision', async () => {
  expect(await new Apk(join(grow({}), 'installed')).revision()).toBe('');
  expect(await new Apk(INSTALLED).revision()).not.toBe('');
});
