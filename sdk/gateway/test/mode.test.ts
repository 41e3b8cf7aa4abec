import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withMode } from '../src/mode.ts';

test.each([
  ['0644', 0o644],
  ['01777', 0o1777],
  ['0', 0],
  [0, 0],
  // As the reference writes it.
  [420, 0o644],
  ['420', 0o644],
  [493, 0o755],
  [511, 0o777],
  [1023, 0o1777],
  [1517, 0o2755],
])('mode %j', (mode, bits) => {
  expect(withMode({ path: '/f', mode })).toEqual({ path: '/f', mode: bits });
});

test('none stays none', () => {
  expect(withMode({ path: '/f' })).toEqual({ path: '/f' });
});

describe('octal digits that would count as decimal', () => {
  test.each([600, 604, 640, 644, 660, 664, 666, 700, 711, 750, 755, 770, 775, 777, 1777, 2755])(
    '%i is refused, and told how it is written',
    (mode) => {
      for (const written of [mode, String(mode)]) {
        expect(() => withMode({ mode: written })).toThrow(`give "0${mode}" for the permissions`);
      }
    },
  );

  test('what a program computes of usual permissions is never taken for them', () => {
    const subset = fc.constantFrom(0, 1, 4, 5, 6, 7);
    fc.assert(
      fc.property(subset, subset, subset, fc.nat({ max: 7 }), (owner, group, others, special) => {
        const mode = (special << 9) | (owner << 6) | ((group & owner) << 3) | (others & owner);
        expect(withMode({ mode })).toEqual({ mode });
      }),
    );
  });

  test('any permissions can be written in octal', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0o7777 }), (mode) => {
        expect(withMode({ mode: `0${mode.toString(8)}` })).toEqual({ mode });
      }),
    );
  });
});
