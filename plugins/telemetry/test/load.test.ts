import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLoad } from '../src/linux/load.ts';
import { parseUptime } from '../src/linux/uptime.ts';

test('reads the three averages', () => {
  expect(parseLoad('0.20 1.18 112.12 3/482 11206\n')).toEqual([0.2, 1.18, 112.12]);
});

test('reads the whole seconds since the boot', () => {
  expect(parseUptime('350735.47 234388.90\n')).toBe(350735);
  expect(parseUptime('0.99 0.01\n')).toBe(0);
});

test('what is no figure cannot be read', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => parseLoad(`x${text}`)).toThrow('/proc/loadavg');
      expect(() => parseUptime(`x${text}`)).toThrow('/proc/uptime');
    }),
  );
});
