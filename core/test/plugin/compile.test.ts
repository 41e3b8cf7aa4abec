import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { compilePlugin } from '../../src/plugin/compile.ts';
import { temporaryFolder } from '../temporary.ts';

let bundle: string;

beforeEach(() => {
  bundle = join(temporaryFolder(), 'plugin.cjs');
});

function compile(code: string): unknown {
  writeFileSync(bundle, code);
  return compilePlugin({ bundle, thirdParty: false }).activate({} as never);
}

describe('a bundle', () => {
  it.each([
    ['module.exports', 'module.exports = { activate: () => ({}) }'],
    ['exports', 'exports.activate = () => ({})'],
    ['a default export', 'exports.default = { activate: () => ({}) }'],
  ])('exports its plugin by %s', (_, code) => {
    expect(compile(code)).toEqual({});
  });

  it('knows where it is, and has the modules of Node', () => {
    const code =
      "exports.activate = () => [__filename, require('node:path').basename(__dirname) !== '']";
    expect(compile(code)).toEqual([bundle, true]);
  });

  it('sees nothing of the last one', () => {
    compile('exports.activate = () => ({}); var secret = 1;');
    expect(compile('exports.activate = () => typeof secret')).toBe('undefined');
  });

  it.each([
    ['is no JavaScript', 'this is no code', 'Unexpected identifier'],
    ['throws', "throw new Error('no luck')", 'no luck'],
    ['throws what is no error', 'throw undefined', 'what it throws is no Error'],
    ['requires what is not there', "require('nowhere')", "Cannot find module 'nowhere'"],
    ['exports no plugin', 'exports.run = () => ({})', 'was not made by definePlugin'],
    ['exports nothing', 'module.exports = undefined', 'cannot be loaded'],
  ])('that %s is refused with its path', (_, code, message) => {
    expect(() => compile(code)).toThrow(
      expect.objectContaining({ code: 9003, message: expect.stringContaining(message) }),
    );
    expect(() => compile(code)).toThrow(bundle);
  });

  it('that is not there is refused with its path', () => {
    expect(() =>
      compilePlugin({ bundle: join(bundle, '..', 'missing.cjs'), thirdParty: false }),
    ).toThrow(/missing\.cjs.*ENOENT/);
  });
});
