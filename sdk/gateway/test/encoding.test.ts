import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBytes, encodeBytes, encodePart } from '../src/encoding.ts';
import { readRange } from '../src/range.ts';

test('bytes survive JSON', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(anything, (bytes) => {
      const { text, encoding } = encodeBytes(bytes);
      const back = decodeBytes('content', JSON.parse(JSON.stringify(text)), encoding);
      expect(Buffer.compare(back, bytes)).toBe(0);
    }),
  );
});

test('a text in parts of any length stays a text, and whole', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.integer({ min: 4, max: 16 }),
      (text, most) => {
        const bytes = Buffer.from(text);
        let together = '';
        let at = 0;
        while (at < bytes.length) {
          const chunk = bytes.subarray(at, at + most);
          const isLast = at + chunk.length === bytes.length;
          const part = isLast ? { ...encodeBytes(chunk), size: chunk.length } : encodePart(chunk);
          expect(part.encoding).toBe('utf-8');
          expect(part.size).toBeGreaterThan(0);
          together += part.text;
          at += part.size;
        }
        expect(together).toBe(text.toWellFormed());
      },
    ),
  );
});

test('a part that is no text loses nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 32 }), (bytes) => {
      const { text, encoding, size } = encodePart(bytes);
      expect(size).toBeGreaterThan(0);
      const back = decodeBytes('content', text, encoding);
      expect(Buffer.compare(back, bytes.subarray(0, size))).toBe(0);
    }),
  );
});

test('a range is inside of the file and as asked for', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.nat(100), fc.nat(100), (size, a, b) => {
      const range = readRange(`bytes=${a}-${b}`, size);
      if (a > b) expect(range).toBeUndefined();
      else if (a >= size) expect(range).toBe('unsatisfiable');
      else expect(range).toEqual({ start: a, end: Math.min(b + 1, size) });
      const suffix = readRange(`bytes=-${a}`, size);
      if (a === 0 || size === 0) expect(suffix).toBe('unsatisfiable');
      else expect(suffix).toEqual({ start: Math.max(0, size - a), end: size });
    }),
  );
  for (const header of [
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'lines=1-2',
    'bytes=1-2,3-4',
    'bytes=a-b',
  ]) {
    expect(readRange(header, 100)).toBeUndefined();
  }
});
