import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Dialect, framed, message, Sink } from '../support/frames.ts';

const dialect: fc.Arbitrary<Dialect> = fc.constantFrom('plain', 'magic');
const filled = (most: number) =>
  fc.tuple(fc.nat(most), fc.nat(255)).map(([size, byte]) => Buffer.alloc(size, byte));
/** Now and then long: what is behind a long message is not copied together with it. */
const payload = fc.oneof(
  { weight: 12, arbitrary: filled(300) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  { weight: 1, arbitrary: filled(20_000) },
);
const id = fc.constantFrom('a', 'short', '6f1c0b1e-0001-4000-8000-00000000000a', '-'.repeat(64));
const content = fc
  .tuple(id, payload, fc.integer({ min: 10, max: 111 }))
  .map((parts) => message(...parts));
const stream = fc.array(fc.record({ content, dialect }), { minLength: 1, maxLength: 8 });

/** Where a stream of so many bytes is cut; fractions, so that they shrink with it. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });

it('any valid stream in any chunks gives the same messages', () => {
  fc.assert(
    fc.property(stream, cuts, (frames, fractions) => {
      const bytes = Buffer.concat(frames.map((f) => framed(f.content, f.dialect)));
      const ends = fractions.map((f) => Math.round(f * bytes.length)).sort((a, b) => a - b);
      // What was copied is nobody's any more: a message that lay in it would be empty.
      const sink = new Sink({ onCopied: (memory) => void (memory as ArrayBuffer).transfer(0) });
      let at = 0;
      for (const end of [...ends, bytes.length]) {
        // A chunk of its own, as a socket gives it.
        sink.push(new Uint8Array(bytes.subarray(at, end)));
        at = end;
      }
      expect(sink.messages).toHaveLength(frames.length);
      for (const [i, f] of frames.entries())
        expect(f.content.equals(sink.messages[i] as Buffer)).toBe(true);
      expect(sink.dialects).toEqual(frames.map((f) => f.dialect));
      expect(sink.faults).toEqual([]);
      expect(sink.decoder.partial).toBe(false);
    }),
    { numRuns: 8_000 },
  );
});
