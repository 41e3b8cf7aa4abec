import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Captured, OutputCollector } from '../src/output.ts';

function collect(limit: number, chunks: readonly Uint8Array[]): Captured {
  const collector = new OutputCollector(limit);
  for (const chunk of chunks) {
    // The reader's buffer is overwritten by what comes next.
    const reused = Uint8Array.from(chunk);
    collector.write(reused);
    reused.fill(0x21);
  }
  return collector.result();
}

/** Bytes that are mostly text, so that sequences get cut and broken. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.string({ unit: 'grapheme', maxLength: 32 }).map((text) => new TextEncoder().encode(text)),
);
const chunks = fc.array(bytes, { maxLength: 12 });
const limit = fc.nat({ max: 300 });

describe('collected output', () => {
  test('is valid UTF-8 within the bound, whatever comes in whatever pieces', () => {
    fc.assert(
      fc.property(chunks, limit, (chunks, limit) => {
        const { text } = collect(limit, chunks);
        expect(text.isWellFormed()).toBe(true);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test('is the beginning of all there was, and says when it is not all', () => {
    fc.assert(
      fc.property(chunks, limit, (chunks, limit) => {
        const { text, truncated } = collect(limit, chunks);
        const all = Buffer.concat(chunks).toString();
        expect(all.startsWith(text)).toBe(true);
        expect(truncated).toBe(text !== all);
      }),
    );
  });

  test('leaves out no more than the character that did not fit', () => {
    fc.assert(
      fc.property(chunks, limit, (chunks, limit) => {
        const { text, truncated } = collect(limit, chunks);
        if (truncated) expect(Buffer.byteLength(text)).toBeGreaterThan(limit - 4);
      }),
    );
  });

  test('does not depend on the pieces', () => {
    fc.assert(
      fc.property(chunks, limit, (chunks, limit) => {
        expect(collect(limit, chunks)).toEqual(collect(limit, [Buffer.concat(chunks)]));
      }),
    );
  });

  test.each([1, 2, 3, 4])('leaves out a character of which %d bytes fit', (fits) => {
    const whole = fits === 4;
    const expected = { text: whole ? 'a😀' : 'a', truncated: true };
    expect(collect(1 + fits, [Buffer.from('a😀b')])).toEqual(expected);
  });

  test('keeps a byte order mark and NUL', () => {
    expect(collect(99, [Buffer.from('\ufeffa\0b')]).text).toBe('\ufeffa\0b');
  });
});
