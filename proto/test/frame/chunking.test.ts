import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameDecoder } from '../../src/frame/index.ts';
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
      const sink = new Sink();
      let at = 0;
      for (const end of [...ends, bytes.length]) {
        // A chunk is lent, as a connection does: what is used after that would be found spoilt.
        const chunk = Uint8Array.from(bytes.subarray(at, end));
        sink.push(chunk);
        chunk.fill(0xee);
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

it('the memory of a message holds nothing else, and is used again', () => {
  fc.assert(
    fc.property(stream, cuts, (frames, fractions) => {
      const bytes = Buffer.concat(frames.map((f) => framed(f.content, f.dialect)));
      const ends = fractions.map((f) => Math.round(f * bytes.length)).sort((a, b) => a - b);
      const free: ArrayBuffer[] = [];
      const taken: Buffer[] = [];
      const decoder = new FrameDecoder({
        onFrame: (content, _, memory) => {
          taken.push(Buffer.from(content));
          // Who has read a message gives its memory back at once.
          if (memory) free.push(memory.transfer());
          return true;
        },
        onFault: ({ kind }) => expect.unreachable(kind),
        takeMemory: (wanted) => {
          const index = free.findIndex(({ byteLength }) => byteLength >= wanted);
          return index < 0 ? undefined : free.splice(index, 1)[0];
        },
      });
      let at = 0;
      for (const end of [...ends, bytes.length]) {
        decoder.push(bytes.subarray(at, end));
        at = end;
      }
      expect(taken).toHaveLength(frames.length);
      for (const [i, f] of frames.entries())
        expect(f.content.equals(taken[i] as Buffer)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
