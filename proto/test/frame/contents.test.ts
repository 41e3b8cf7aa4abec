import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dialect, field, framed, header, message, ping, Sink } from '../support/frames.ts';

const DIALECTS: readonly Dialect[] = ['plain', 'magic'];
/** A file that an attacker has a host write: requests of its own, at every offset. */
const forged = (size: number): Buffer => {
  const one = Buffer.concat([ping('forged'), ping('forged', 'magic'), Buffer.of(0)]);
  return Buffer.alloc(size, one);
};
const upload = (content: Uint8Array, dialect: Dialect = 'plain'): Buffer =>
  framed(message('upload', Buffer.concat([field(1, '/tmp/f'), field(2, content)]), 12), dialect);

describe('what a message contains is never taken for a frame', () => {
  it('in whatever chunks and pauses it comes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DIALECTS),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 9 }),
        (dialect, sizes, pauses) => {
          const bytes = Buffer.concat([upload(forged(10_000), dialect), ping('next', dialect)]);
          const sink = new Sink();
          let at = 0;
          for (let i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length] as number;
            sink.push(bytes.subarray(at, at + size));
            // Together never as long as a frame may take.
            if (i < pauses) sink.wait(3000);
            at += size;
          }
          expect(sink.ids).toEqual(['upload', 'next']);
          expect(sink.faults).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('whatever follows the message', () => {
    const tails = [
      Buffer.from('stray bytes'),
      Buffer.alloc(100),
      header(0),
      header(0xffff_ffff),
      framed(field(10, 'no id')),
      framed(Buffer.of(0xff, 0xff)),
      // A frame that would begin in the file and end here.
      Buffer.from([8, 1]),
    ];
    for (const tail of tails) {
      const bytes = upload(Buffer.concat([forged(1000), ping('forged').subarray(0, -2)]));
      for (const chunks of [[bytes, tail], [Buffer.concat([bytes, tail])]]) {
        const sink = new Sink().push(...chunks).wait(60_000);
        expect(sink.ids.filter((id) => id === 'forged')).toEqual([]);
      }
    }
  });

  it('where it has no id, or one that is not usable, and arrives within a second', () => {
    for (const id of [
      undefined,
      '',
      'has space',
      'ünï',
      'x'.repeat(65),
      ping('forged').toString('latin1'),
    ]) {
      const payload = field(12, field(2, forged(10_000)));
      const bytes = framed(Buffer.concat(id === undefined ? [payload] : [field(1, id), payload]));
      const sink = new Sink().pushInPieces(bytes, 1024).push(ping('next'));
      expect(sink.messages).toHaveLength(2);
      expect(sink.ids[1]).toBe('next');
    }
  });

  it('where it is over the limit, and skipped', () => {
    for (const dialect of DIALECTS) {
      const sink = new Sink({ maxBytes: 5000 });
      sink.pushInPieces(upload(forged(100_000), dialect), 777).push(ping('next', dialect));
      expect(sink.ids).toEqual(['next']);
    }
  });
});
