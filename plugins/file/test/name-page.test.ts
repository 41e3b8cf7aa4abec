import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { ListDirectory } from '@limiquantix/plugin-sdk';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { continuationAfter, nameBefore } from '../src/continuation.ts';
import { NamePage } from '../src/name-page.ts';
import { filePlugin, scratch } from './plugin.ts';

const host = filePlugin();
const at = scratch();

/** A name as bytes, none of them NUL or a slash. */
const byteName = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) =>
    Buffer.from(bytes.map((b) => (b === 0 || b === 0x2f ? 0x5f : b))).toString('latin1'),
  );

it('takes the smallest names after a given one, whatever their order and number', () => {
  fc.assert(
    fc.property(
      fc.array(byteName),
      fc.integer({ min: 1, max: 20 }),
      byteName,
      (names, limit, after) => {
        const page = new NamePage(after, limit);
        for (const name of names) page.offer(name);
        const expected = [...new Set(names)]
          .filter((name) => name > after)
          .sort((a, b) => Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')));
        const { names: taken, more } = page.finish();
        expect(taken).toEqual(expected.slice(0, limit));
        expect(more).toBe(expected.length > limit);
      },
    ),
  );
});

it('takes them out of very many as well', () => {
  const names = Array.from({ length: 50_000 }, (_, i) =>
    String((i * 7919) % 50_000).padStart(6, '0'),
  );
  const page = new NamePage('000999', 100);
  for (const name of names) page.offer(name);
  const { names: taken, more } = page.finish();
  expect(taken).toEqual(Array.from({ length: 100 }, (_, i) => String(i + 1000).padStart(6, '0')));
  expect(more).toBe(true);
});

it('a token stands for exactly one name', () => {
  fc.assert(
    fc.property(byteName, (name) => {
      expect(nameBefore(continuationAfter(name))).toBe(name);
    }),
  );
});

it('pages of a directory that changes neither skip nor repeat what was there all the time', async () => {
  const name = fc.stringMatching(/^[a-z]{1,3}$/);
  const changes = fc.array(fc.record({ add: fc.array(name), remove: fc.array(name) }), {
    minLength: 8,
    maxLength: 8,
  });
  const initial = fc.uniqueArray(name, { minLength: 5, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      initial,
      changes,
      fc.integer({ min: 1, max: 9 }),
      async (start, steps, size) => {
        const path = mkdtempSync(at('changing-'));
        for (const file of start) writeFileSync(`${path}/${file}`, '');
        const throughout = new Set(start);
        const seen: string[] = [];
        for (let token = '', page = 0; ; page++) {
          const answer = await host.call(ListDirectory, {
            path,
            maxEntries: size,
            continuationToken: token,
          });
          expect(answer.totalEntries).toBe(readdirSync(path).length);
          seen.push(...answer.entries.map((entry) => entry.name));
          token = answer.continuationToken;
          if (token === '') break;
          const { add, remove } = steps[page % steps.length] as (typeof steps)[number];
          for (const file of remove) {
            throughout.delete(file);
            rmSync(`${path}/${file}`, { force: true });
          }
          for (const file of add) writeFileSync(`${path}/${file}`, '');
        }
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen.filter((file) => throughout.has(file))).toEqual([...throughout].sort());
        rmSync(path, { recursive: true });
      },
    ),
    { numRuns: 60 },
  );
});
