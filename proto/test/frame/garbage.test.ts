import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dialect, header, ping, Sink } from '../support/frames.ts';

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
          expect(sink.dialects).toEqual([d]);
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
    const begins = [0, 0, 0, 40, 0x0a, 1, 0x61];
    const likes = [
      // Then nothing that a message could go on with.
      [...begins, 0xff, 0xff],
      [...begins, 0x08, 1],
      // Then a payload that would end behind its message, or before.
      [...begins, 0x52, 100],
      [...begins, 0x52, 10, ...Array<number>(10).fill(0), 0],
    ];
    for (const like of likes) {
      const stray = Buffer.from([0xff, 0xff, 0xff, 0xff, ...Buffer.from('stray'), ...like]);
      expect(new Sink().push(stray, ping('real')).ids).toEqual(['real']);
    }
  });

  it('a message that is found keeps its dialect', () => {
    const sink = new Sink().push(Buffer.from('stray bytes'), ping('a', 'magic'), ping('b'));
    expect(sink.ids).toEqual(['a', 'b']);
    expect(sink.dialects).toEqual(['magic', 'plain']);
  });

  it('that happen to be short lengths, few are taken for messages', () => {
    const sink = new Sink().push(Buffer.alloc(9000, Buffer.from('00000005ffffffffff', 'hex')));
    expect(sink.undecodable).toBeLessThanOrEqual(1);
    expect(sink.push(ping('next')).ids).toEqual(['next']);
  });

  it('that announce just as much as follows, all of that is found', () => {
    const frames = Buffer.concat(['a', 'b', 'c'].map((id) => ping(id)));
    for (const d of ['plain', 'magic'] as const) {
      const sink = new Sink().push(header(frames.length, d), frames, ping('d'));
      expect(sink.ids).toEqual(['a', 'b', 'c', 'd']);
    }
  });

  it('that announce more than they are, what their end falls into is found', () => {
    const stray = Buffer.alloc(9000, 0xff);
    for (const d of ['plain', 'magic'] as const) {
      // The message that is none ends in the header of the first frame, then behind it, and so on.
      for (let over = 1; over < 20; over++) {
        const length = stray.length + over;
        const chunk = Buffer.concat([stray.subarray(10), ping('a', d), ping('b', d)]);
        const sink = new Sink().push(header(length, d), stray.subarray(0, 10), chunk);
        expect(sink.ids, `${d}, ${over} bytes over`).toEqual(['a', 'b']);
      }
    }
  });

  it('that are the rest of a length, all of what follows is found', () => {
    const ids = Array.from({ length: 20 }, (_, i) => `request-${i}`);
    const frames = Buffer.concat(ids.map((id) => ping(id)));
    for (const rest of [[0, 0, 1], [0, 1], [0, 0, 0], [0, 0], [0]]) {
      expect(new Sink().push(Buffer.from(rest), frames).wait(1000).ids).toEqual(ids);
    }
  });
});
