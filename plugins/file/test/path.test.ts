import { posix } from 'node:path';
import { AgentError } from '@limiquantix/plugin-sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinPath, parsePath } from '../src/linux/path.ts';

const component = fc.constantFrom('a', '..a', 'a..', '...', '.', '', 'x y', 'ü', '-rf', 'a..b');

function refusal(path: string): string {
  try {
    parsePath(path);
  } catch (error) {
    if (AgentError.is(error)) return error.codeString;
  }
  return 'accepted';
}

describe('a path', () => {
  it.each([
    ['', 'empty'],
    ['etc/hosts', 'relative'],
    ['./etc', 'relative'],
    ['~/x', 'relative'],
    ['..', 'traversal'],
    ['/..', 'traversal'],
    ['/tmp/../etc/shadow', 'traversal'],
    ['/tmp/..', 'traversal'],
    ['/tmp/a/../../etc', 'traversal'],
    ['/tmp/a\0b', 'NUL'],
    ['\0', 'NUL'],
    ['C:\\Windows', 'relative'],
  ])('%j is refused: %s', (path) => {
    expect(refusal(path)).toBe('QXGA-4007');
  });

  it.each([
    ['/', '/'],
    ['//', '/'],
    ['/tmp/', '/tmp'],
    ['//tmp//x', '/tmp/x'],
    ['/tmp/./x/.', '/tmp/x'],
    ['/tmp/a..b', '/tmp/a..b'],
    ['/tmp/..hidden', '/tmp/..hidden'],
    ['/tmp/...', '/tmp/...'],
    ['/tmp/back\\slash', '/tmp/back\\slash'],
    ['/tmp/new\nline', '/tmp/new\nline'],
  ])('%j is %j', (path, parsed) => {
    expect(parsePath(path)).toBe(parsed);
  });

  it('that is longer than any path costs nothing and is not repeated', () => {
    const long = `/${'a/'.repeat(2_000_000)}`;
    expect(refusal(long)).toBe('QXGA-4001');
    expect(() => parsePath(long)).toThrow(/^.{1,200}$/);
  });

  it('is what the kernel would understand, and parsing it again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(component), (components) => {
        const path = `/${components.join('/')}`;
        const parsed = parsePath(path);
        expect(parsed).toBe(posix.resolve(path));
        expect(parsePath(parsed)).toBe(parsed);
      }),
    );
  });

  it('with `..` anywhere as a component is refused', () => {
    fc.assert(
      fc.property(fc.array(component), fc.array(component), (before, after) => {
        expect(refusal(`/${[...before, '..', ...after].join('/')}`)).toBe('QXGA-4007');
      }),
    );
  });

  it('of any text whatsoever is either refused or stays below /', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        for (const path of [text, `/${text}`]) {
          if (refusal(path) !== 'accepted') continue;
          const parsed = parsePath(path);
          expect(parsed.startsWith('/')).toBe(true);
          expect(parsed.split('/')).not.toContain('..');
          expect(parsed).not.toContain('\0');
        }
      }),
    );
  });

  it('is joined without a second slash', () => {
    expect(joinPath('/', 'etc')).toBe('/etc');
    expect(joinPath('/etc', 'hosts')).toBe('/etc/hosts');
  });
});
