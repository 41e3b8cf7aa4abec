import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/config/nearest.ts';

const KEYS = ['log_level', 'log_file', 'log_format', 'device_path', 'framing'];

describe('the nearest key', () => {
  it.each([
    ['log_lvel', 'log_level'],
    ['loglevel', 'log_level'],
    ['LOG_LEVEL', 'log_level'],
    ['log-file', 'log_file'],
    ['farming', 'framing'],
    ['device', 'device_path'],
    ['clipboard', undefined],
    ['x', undefined],
    ['', undefined],
  ])('to %s is %s', (word, meant) => {
    expect(nearest(word, KEYS)).toBe(meant);
  });

  it('is the first of those that are as near', () => {
    expect(nearest('cat', ['bat', 'rat'])).toBe('bat');
  });

  it('to a key is the key itself', () => {
    const words = fc.uniqueArray(fc.stringMatching(/^[a-z_]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.nat(), (keys, n) => {
        const key = keys[n % keys.length] as string;
        expect(nearest(key, keys)).toBe(key);
      }),
    );
  });

  it('is found through any one slip of the finger', () => {
    fc.assert(
      fc.property(fc.nat(8), fc.constantFrom('x', ''), (at, letter) => {
        const slip = `log_level`.slice(0, at) + letter + 'log_level'.slice(at + 1);
        expect(nearest(slip, ['log_level', 'telemetry'])).toBe('log_level');
      }),
    );
  });
});
