import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import { field, framed, header, message, ping, Sink } from '../support/frames.ts';

const MiB = 1024 * 1024;
let collect: () => void;

beforeAll(() => {
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as () => void;
});

function heldBytes(): number {
  // Array buffers are freed by the collection after the one that finds them unused.
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Milliseconds of the processor that `body` took: what else runs on the machine does not count. */
function timed(body: () => void): number {
  const begin = process.threadCpuUsage();
  body();
  const { user, system } = process.threadCpuUsage(begin);
  return (user + system) / 1000;
}

const repeated = (unit: Uint8Array, size: number): Buffer => Buffer.alloc(size, unit);

describe('memory', () => {
  it('is flat while a message of 1.3 GB streams by', () => {
    const sink = new Sink();
    sink.push(header(1_300_000_000), message('huge', Buffer.alloc(100), 12));
    const chunk = Buffer.alloc(64 * 1024, 0x41);
    const before = heldBytes();
    let most = 0;
    for (let sent = 0; sent < 64 * MiB; sent += chunk.length) {
      sink.push(Buffer.from(chunk));
      if (sent % (8 * MiB) === 0) most = Math.max(most, heldBytes() - before);
    }
    expect(most).toBeLessThan(2 * MiB);
    expect(sink.faults).toMatchObject([{ kind: 'too-large', id: 'huge', length: 1_300_000_000 }]);
  });

  it('is flat while stray bytes stream by', () => {
    const sink = new Sink().push(Buffer.alloc(10, 0xff));
    const before = heldBytes();
    for (let sent = 0; sent < 64 * MiB; sent += 64 * 1024) sink.push(Buffer.alloc(64 * 1024, 0x41));
    expect(heldBytes() - before).toBeLessThan(MiB);
  });

  it('grows with what arrives, not with what is announced', () => {
    const before = heldBytes();
    const sinks = Array.from({ length: 100 }, () =>
      new Sink().push(header(4 * MiB), message('half', Buffer.alloc(1000), 12)),
    );
    expect(heldBytes() - before).toBeLessThan(2 * MiB);
    expect(sinks.every(({ decoder }) => decoder.partial)).toBe(true);
  });

  it('is a few times a frame of 4 MiB that comes byte by byte', () => {
    const bytes = framed(message('bytes', Buffer.alloc(4 * MiB - 100, 0x41), 12));
    const sink = new Sink();
    const before = heldBytes();
    let most = 0;
    for (let i = 0; i < bytes.length; i++) {
      sink.push(bytes.subarray(i, i + 1));
      if (i % MiB === 0) most = Math.max(most, heldBytes() - before);
    }
    expect(sink.ids).toEqual(['bytes']);
    expect(most).toBeLessThan(16 * MiB);
  });
});

describe('time is in proportion to the bytes', () => {
  // What is quadratic takes minutes here; what is not, a fraction of this.
  const LIMIT_MS = 2000;
  const stray = Buffer.alloc(8, 0xff);
  const nested = (length: number) =>
    Buffer.concat([header(length), field(1, 'a'), Buffer.of(0x52)]);

  it.each([
    ['nothing but tags of an id', Buffer.of(0x0a)],
    ['lengths and tags', Buffer.of(0, 0, 1, 0, 0x0a)],
    ['beginnings of messages that do not add up', nested(3 * MiB)],
    [
      'beginnings of messages that go on for ever',
      Buffer.concat([header(3 * MiB), field(1, 'a'), field(2, '')]),
    ],
    ['small undecodable messages', framed(Buffer.of(0xff))],
    ['small undecodable messages with an id', framed(Buffer.of(0x0a, 1, 0x61, 0x5a, 9))],
    ['zeros', Buffer.of(0)],
    ['the magic', Buffer.from('QTX\x01', 'latin1')],
  ])('of %s', (_, unit) => {
    for (const chunk of [4 * MiB, 64 * 1024, 333]) {
      const sink = new Sink();
      const bytes = Buffer.concat([stray, repeated(unit, 4 * MiB)]);
      const ms = timed(() => sink.pushInPieces(bytes, chunk).wait(31_000).push(ping('next')));
      expect(ms).toBeLessThan(LIMIT_MS);
      expect(sink.wait(31_000).push(ping('last')).ids.at(-1)).toBe('last');
    }
  });

  it('of frames inside frames, each as long as all that follows', () => {
    const count = 50_000;
    const total = 20 * count;
    const parts = Array.from({ length: count }, (_, i) => {
      const left = total - 20 * i;
      const length = Buffer.concat([header(left - 4), field(1, 'forged')]);
      const size = left - length.length - 5;
      return Buffer.concat([
        length,
        Buffer.of(
          0x52,
          (size & 127) | 128,
          ((size >> 7) & 127) | 128,
          ((size >> 14) & 127) | 128,
          size >> 21,
        ),
        Buffer.alloc(3),
      ]);
    });
    const sink = new Sink().push(stray, Buffer.concat(parts).subarray(0, -1));
    expect(timed(() => sink.wait(31_000))).toBeLessThan(LIMIT_MS);
    expect(sink.push(ping('next')).wait(31_000).push(ping('last')).ids.at(-1)).toBe('last');
  });
});

describe('small messages that do not decode', () => {
  // To throw and catch takes longer than anything else that is done for a frame.
  const bad = framed(Buffer.of(0x0a, 5));
  const ids = Array.from({ length: 500 }, (_, i) => `n-${i}`);

  it('are handed on a few times in each chunk; none that decodes is lost among them', () => {
    const sink = new Sink();
    sink.push(Buffer.concat(ids.flatMap((id) => [bad, ping(id)])));
    expect(sink.ids).toEqual(ids);
    expect(sink.undecodable).toBe(16);
    expect(sink.push(bad).undecodable).toBe(17);
  });

  it('cost no more than so many one behind the other', () => {
    const sink = new Sink().push(Buffer.concat([...ids.map(() => bad), ping('next')]));
    expect(sink.undecodable).toBe(16);
    expect(sink.ids).toEqual(['next']);
    expect(sink.faults).toEqual([]);
  });
});
