import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Dialect, framed, message, Sink } from '../support/frames.ts';

const ID = /^[A-Za-z0-9-]{1,64}$/;
const dialect: fc.Arbitrary<Dialect> = fc.constantFrom('plain', 'magic');
const content = fc
  .tuple(
    fc.stringMatching(ID),
    fc.uint8Array({ maxLength: 300 }),
    fc.integer({ min: 10, max: 111 }),
  )
  .map(([id, payload, number]) => message(id, payload, number));
const stream = fc.array(fc.record({ content, dialect }), { minLength: 1, maxLength: 8 });

/** Where a stream of so many bytes is cut; fractions, so that they shrink with it. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });

it('any valid stream in any chunks gives the same messages', () => {
  fc.assert(
    fc.property(stream, cuts, (frames, fractions) => {
      const bytes = Buffer.concat(frames.map((f) => framed(f.content, f.dialect)));
      const ends = fractions.map((f) => Math.round(f * bytes.length)).sort((a, b) => a - b);
      const sink = new Sink();
      let at = 0;
      for (const end of [...ends, bytes.length]) {
        sink.push(bytes.subarray(at, end));
        at = end;
      }
      expect(sink.messages).toEqual(frames.map((f) => f.content));
      expect(sink.dialects).toEqual(frames.map((f) => f.dialect));
      expect(sink.faults).toEqual([]);
      expect(sink.decoder.partial).toBe(false);
    }),
    { numRuns: 20_000 },
  );
});
