import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dialect, ping, Sink } from '../support/frames.ts';

const dialect: fc.Arbitrary<Dialect> = fc.constantFrom('plain', 'magic');
/** Bytes as they are found in files: text, zeros, small numbers, and noise. */
const garbage = fc
  .oneof(
    fc.uint8Array({ minLength: 1, maxLength: 200 }),
    fc.array(fc.constantFrom(0, 0, 0, 1, 2, 0x0a, 0x40, 0xff), { minLength: 1, maxLength: 200 }),
    fc.string({ minLength: 1, maxLength: 200, unit: 'binary' }),
    fc.constantFrom(
      'GET / HTTP/1.1\r\nHost: guest\r\n\r\n',
      '{"execute":"guest-ping"}\n',
      'QTX',
      'QTX\x01',
    ),
  )
  .map((bytes) => Buffer.from(bytes as string));

describe('after stray bytes', () => {
  it('frames are found, at the latest when what looked like one has expired', () => {
    fc.assert(
      fc.property(garbage, dialect, fc.integer({ min: 1, max: 50 }), (stray, d, size) => {
        const sink = new Sink().pushInPieces(stray, size);
        for (const id of ['a', 'b', 'c']) sink.pushInPieces(ping(id, d), size);
        sink.wait(31_000).push(ping('d', d));
        expect(sink.ids.at(-1)).toBe('d');
      }),
      { numRuns: 5000 },
    );
  });

  it.each([1, 2, 3, 5, 6, 7, 9, 63, 64, 65, 4001])(
    'the first frame is found behind %d zeros',
    (count) => {
      for (const d of ['plain', 'magic'] as const) {
        for (const size of [1, 7, 10_000]) {
          const sink = new Sink().pushInPieces(
            Buffer.concat([Buffer.alloc(count), ping('first', d)]),
            size,
          );
          expect(sink.ids, `${d} in pieces of ${size}`).toEqual(['first']);
        }
      }
    },
  );

  it('the first frame is found behind text, binaries and other protocols', () => {
    for (const stray of [
      Buffer.from('GET / HTTP/1.1\r\nHost: guest\r\n\r\n'),
      Buffer.from('{"execute":"guest-sync-delimited","arguments":{"id":1}}\n'),
      Buffer.from('\r\n\r\n'),
      Buffer.from('\n'.repeat(1000)),
      Buffer.from('QTX\x01', 'latin1'),
      Buffer.from('QTX\x01QTX\x01QTX', 'latin1'),
      readFileSync(process.execPath).subarray(1_000_000, 1_100_000),
    ]) {
      for (const d of ['plain', 'magic'] as const) {
        const sink = new Sink().push(stray, ping('first', d), ping('second', d));
        expect(sink.wait(1000).ids, JSON.stringify(stray.subarray(0, 20).toString())).toEqual([
          'first',
          'second',
        ]);
      }
    }
  });

  it('between frames, none of the frames is lost', () => {
    const stray = Buffer.from('\xff\xfe stray \x00\x01\x02', 'latin1');
    const sink = new Sink();
    const ids = Array.from({ length: 50 }, (_, i) => `request-${i}`);
    sink.push(Buffer.concat(ids.flatMap((id, i) => [ping(id, i % 2 ? 'magic' : 'plain'), stray])));
    expect(sink.wait(1000).ids).toEqual(ids);
  });

  it('what is found is told apart from what only begins like a frame', () => {
    // A length, an id, and then nothing that a message could go on with.
    const like = Buffer.from([0, 0, 0, 40, 0x0a, 1, 0x61, 0xff, 0xff]);
    const sink = new Sink().push(
      Buffer.from('\xff\xff\xff\xffstray', 'latin1'),
      like,
      ping('real'),
    );
    expect(sink.ids).toEqual(['real']);
  });
});
