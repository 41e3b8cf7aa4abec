import { describe, expect, it } from 'vitest';
import { FrameDecoder } from '../../src/frame/index.ts';
import { type Dialect, field, framed, header, message, ping, Sink } from '../support/frames.ts';

const DIALECTS: readonly Dialect[] = ['plain', 'magic'];
const limited = () => new Sink({ maxBytes: 1000 });

describe.each(DIALECTS)('in the %s dialect', (dialect) => {
  it('a frame is taken, and how it was framed is told', () => {
    const sink = new Sink().push(ping('a', dialect));
    expect(sink.ids).toEqual(['a']);
    expect(sink.dialects).toEqual([dialect]);
    expect(sink.decoder.partial).toBe(false);
  });

  it('frames are taken as their last byte arrives, not later', () => {
    const sink = new Sink();
    const bytes = Buffer.concat([ping('a', dialect), ping('b', dialect)]);
    const first = ping('a', dialect).length;
    for (const [i, byte] of bytes.entries()) {
      sink.push(Buffer.of(byte));
      expect(sink.messages.length).toBe(i + 1 === bytes.length ? 2 : i + 1 >= first ? 1 : 0);
    }
    expect(sink.faults).toEqual([]);
  });

  it('a length of zero is one fault, and the stream goes on', () => {
    const sink = new Sink().push(header(0, dialect), ping('next', dialect));
    expect(sink.faults).toEqual([{ kind: 'empty', id: undefined, length: 0, dialect }]);
    expect(sink.ids).toEqual(['next']);
  });

  it('a length of zero is told at once', () => {
    expect(new Sink().push(header(0, dialect)).faultKinds).toEqual(['empty']);
  });

  it('a message over the limit is refused by its id and skipped', () => {
    const long = framed(message('long', Buffer.alloc(2000, 0x41), 12), dialect);
    const sink = limited().push(long, ping('next', dialect));
    expect(sink.faults).toEqual([
      { kind: 'too-large', id: 'long', length: long.length - header(0, dialect).length, dialect },
    ]);
    expect(sink.ids).toEqual(['next']);
  });

  it('a message over the limit is refused before it has arrived', () => {
    const sink = limited().push(header(1001, dialect), field(1, 'long'));
    expect(sink.faultKinds).toEqual(['too-large']);
  });

  it('a message of exactly the limit is taken', () => {
    const rest = 1000 - message('full', Buffer.alloc(0), 12).length - 1;
    const sink = limited().push(framed(message('full', Buffer.alloc(rest), 12), dialect));
    expect(sink.messages[0]).toHaveLength(1000);
  });

  it('a length over the limit that is no message is no length', () => {
    const sink = limited().push(header(0xffff_ffff, dialect), Buffer.from('no message'));
    sink.push(ping('next', dialect));
    expect(sink.faults).toMatchObject([{ kind: 'too-large', length: 0xffff_ffff, dialect }]);
    expect(sink.ids).toEqual(['next']);
  });

  it('a length over the limit with nothing behind it is refused after a second', () => {
    const sink = new Sink().push(header(0xffff_ffff, dialect));
    expect(sink.decoder.partial).toBe(true);
    sink.now = 999;
    sink.decoder.expire();
    expect(sink.faults).toEqual([]);
    sink.now = 1000;
    sink.decoder.expire();
    expect(sink.faults).toMatchObject([{ kind: 'too-large', length: 0xffff_ffff, dialect }]);
    expect(sink.push(ping('next', dialect)).ids).toEqual(['next']);
  });

  it('an undecodable message costs itself alone, whatever follows', () => {
    const broken = framed(Buffer.from([0x0a, 2, 0x69, 0x64, 0x5a, 0x7f]), dialect);
    const noId = framed(field(10, ''), dialect);
    const sink = new Sink().push(broken, broken, noId, broken, header(0, dialect), broken);
    sink.push(ping('next', dialect));
    expect(sink.ids).toEqual(['', 'next']);
    expect(sink.faultKinds).toEqual(['empty']);
  });

  it('an undecodable message costs itself alone where all is in one chunk', () => {
    const broken = framed(Buffer.from([0x0a, 2, 0x69, 0x64, 0x5a, 0x7f]), dialect);
    const noId = framed(field(10, ''), dialect);
    const bytes = [broken, noId, broken, header(0, dialect), broken, ping('next', dialect)];
    const sink = new Sink().push(Buffer.concat(bytes));
    expect(sink.ids).toEqual(['', 'next']);
    expect(sink.faultKinds).toEqual(['empty']);
  });

  it('a partial frame is given up after 30 s, by its id', () => {
    const half = ping('half', dialect).subarray(0, -1);
    const sink = new Sink().push(half);
    sink.wait(29_999);
    expect(sink.faults).toEqual([]);
    expect(sink.decoder.partial).toBe(true);
    sink.wait(1);
    expect(sink.faults).toMatchObject([{ kind: 'lost', id: 'half' }]);
    expect(sink.push(ping('next', dialect)).ids).toEqual(['next']);
  });

  it('a frame that takes less than 30 s is not given up', () => {
    const sink = new Sink();
    const bytes = ping('slow', dialect);
    for (const byte of bytes) sink.push(Buffer.of(byte)).wait(29_000 / bytes.length);
    expect(sink.ids).toEqual(['slow']);
    expect(sink.faults).toEqual([]);
  });
});

it('dialects may change from frame to frame', () => {
  const sink = new Sink().push(
    Buffer.concat([ping('a'), ping('b', 'magic'), ping('c', 'magic'), ping('d')]),
  );
  expect(sink.ids).toEqual(['a', 'b', 'c', 'd']);
  expect(sink.dialects).toEqual(['plain', 'magic', 'magic', 'plain']);
});

it('zeros are one fault a chunk: four bytes must not cost an answer each', () => {
  const sink = new Sink().push(Buffer.alloc(64 * 1024), Buffer.alloc(64 * 1024));
  expect(sink.faultKinds).toEqual(['empty', 'empty']);
  expect(sink.push(ping('next')).ids).toEqual(['next']);
});

it('a run of stray bytes is one fault, until a message comes between', () => {
  const stray = Buffer.from('GET / HTTP/1.1\r\nHost: guest\r\n\r\n');
  const sink = new Sink().push(stray, stray, stray);
  expect(sink.faults).toHaveLength(1);
  sink.push(ping('between'), stray);
  expect(sink.faults).toHaveLength(2);
});

it('a message may be answered with a reset: nothing that was pushed before comes after it', () => {
  const long = framed(message('long', Buffer.alloc(10_000), 12));
  for (const first of [ping('first'), long]) {
    const seen: number[] = [];
    const decoder = new FrameDecoder({
      onFrame: (bytes) => {
        seen.push(bytes.length);
        decoder.reset();
        return true;
      },
      onFault: () => undefined,
    });
    decoder.push(first.subarray(0, 20));
    decoder.push(Buffer.concat([first.subarray(20), ping('behind')]));
    expect(seen).toEqual([first.length - 4]);
    expect(decoder.partial).toBe(false);
    decoder.push(ping('after'));
    expect(seen).toHaveLength(2);
  }
});

it('what is refused as a message is not offered again without its magic', () => {
  let offered = 0;
  const decoder = new FrameDecoder({
    onFrame: () => {
      offered++;
      return false;
    },
    onFault: () => undefined,
  });
  decoder.push(Buffer.concat([ping('refused', 'magic'), Buffer.from('stray bytes')]));
  expect(offered).toBe(1);
});

it('an id that is the word "short" is an id like others', () => {
  const long = framed(message('short', Buffer.alloc(2000), 12));
  const sink = limited().push(long, ping('short'));
  expect(sink.faults).toMatchObject([{ kind: 'too-large', id: 'short', length: long.length - 4 }]);
  expect(sink.ids).toEqual(['short']);
});

it('a decoder without options allows 4 MiB, and no option allows more than 16 MiB', () => {
  const refused = (announced: number, maxBytes?: number): boolean =>
    new Sink(maxBytes === undefined ? {} : { maxBytes })
      .push(header(announced), field(1, 'id'))
      .faultKinds.includes('too-large');
  const MiB = 1024 * 1024;
  expect(refused(4 * MiB)).toBe(false);
  expect(refused(4 * MiB + 1)).toBe(true);
  expect(refused(16 * MiB, 64 * MiB)).toBe(false);
  expect(refused(16 * MiB + 1, 64 * MiB)).toBe(true);
});

it('a time limit for partial frames can be given', () => {
  const sink = new Sink({ partialMs: 200 }).push(ping('half').subarray(0, 20));
  sink.wait(199);
  expect(sink.faults).toEqual([]);
  expect(sink.wait(1).faultKinds).toEqual(['lost']);
});

it('the real clock is used where none is given', async () => {
  const faults: string[] = [];
  const decoder = new FrameDecoder({
    partialMs: 500,
    onFrame: () => true,
    onFault: ({ kind }) => faults.push(kind),
  });
  decoder.push(ping('half').subarray(0, 20));
  decoder.expire();
  expect(faults).toEqual([]);
  const expired = () => {
    decoder.expire();
    return faults;
  };
  await expect.poll(expired).toEqual(['lost']);
});

it('reset forgets a body, a skipped message and a scan', () => {
  const states = [
    ping('half').subarray(0, 20),
    Buffer.concat([header(0x5000_0000), field(1, 'long')]),
    Buffer.from('stray bytes that are no frame'),
    header(0),
    Buffer.of(0x51, 0x54, 0x58, 0x01, 0),
  ];
  for (const bytes of states) {
    const sink = new Sink().push(bytes);
    sink.decoder.reset();
    expect(sink.decoder.partial).toBe(false);
    // Not plausible, so that only a decoder that does not scan takes it.
    sink.push(framed(field(10, 'x')));
    expect(sink.messages).toHaveLength(1);
  }
});
