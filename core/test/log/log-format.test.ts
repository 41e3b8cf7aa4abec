import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prettyLine, printable } from '../../src/log/log-format.ts';

describe('a pretty line', () => {
  it('says when, how bad, what, and about what', () => {
    const line = prettyLine({
      timestamp: '2026-01-25T10:30:00.000Z',
      level: 'info',
      message: 'request served',
      request_id: 'a-1',
      list: [1, 2],
      nothing: undefined,
    });
    expect(line).toBe('2026-01-25T10:30:00.000Z INFO  request served request_id=a-1 list=[1,2]');
  });

  it('lets nobody break out of it, or write to the terminal', () => {
    const line = prettyLine({
      timestamp: 't',
      level: 'warn',
      message: 'a\u001b[2Jb\r\nc\u2028d\u009be',
    });
    expect(line).toBe('t WARN  a\\u001b[2Jb\\u000d\\u000ac\\u2028d\\u009be');
  });

  it('has no control character, whatever it is told', () => {
    const fields = fc.dictionary(
      fc.string({ unit: 'binary' }),
      fc.anything({ withBigInt: true, maxDepth: 1 }),
    );
    fc.assert(
      fc.property(fields, fc.string({ unit: 'binary' }), (others, message) => {
        const line = prettyLine({ ...others, timestamp: 't', level: 'info', message });
        expect(line).not.toMatch(/\p{Cc}|\u2028|\u2029/u);
      }),
      { numRuns: 50 },
    );
  });
});

it('leaves what can be printed as it is', () => {
  expect(printable('grün, 日本, ~ and "quotes"')).toBe('grün, 日本, ~ and "quotes"');
});
