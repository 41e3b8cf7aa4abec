import { describe, expect, it } from 'vitest';
import { type Dialect, field, framed, header, message, ping, Sink } from '../support/frames.ts';

const write = (id: string, size: number, dialect: Dialect): Buffer =>
  framed(
    message(id, Buffer.concat([field(1, '/etc/motd'), field(2, Buffer.alloc(size, 0x41))]), 12),
    dialect,
  );

const STREAMS = (['plain', 'magic'] as const).flatMap((dialect) => [
  {
    name: `${dialect}, small`,
    dialect,
    frames: ['a', 'b', 'c'].map((id) => ping(`old-${id}`, dialect)),
  },
  {
    name: `${dialect}, larger`,
    dialect,
    frames: [1, 300, 1000].map((n) => write(`old-${n}`, n, dialect)),
  },
]);
const UUID = '6f1c0b1e-0001-4000-8000-00000000000a';

describe.each(STREAMS)('a host that leaves in the middle ($name)', ({ dialect, frames }) => {
  const bytes = Buffer.concat(frames);

  it('costs nothing but that frame, where the agent is told', () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const sink = new Sink().push(bytes.subarray(0, cut));
      const whole = sink.messages.length;
      sink.decoder.reset();
      sink.push(ping('new', dialect));
      expect(sink.ids.slice(whole)).toEqual(['new']);
      expect(sink.faults).toEqual([]);
    }
  });

  it.each(['plain', 'magic'] as const)('is replaced by a %s one without a word', (next) => {
    for (let cut = 1; cut < bytes.length; cut++) expectFound(frames, cut, next);
  });
});

/** Cuts a stream, has another host speak, and looks when its requests are found. */
function expectFound(frames: readonly Buffer[], cut: number, dialect: Dialect): void {
  const sink = new Sink().push(Buffer.concat(frames).subarray(0, cut));
  let begun = cut;
  let missing = 0;
  for (const frame of frames) {
    missing = frame.length - begun;
    if (begun < frame.length) break;
    begun -= frame.length;
  }
  const inside = begun > 0;
  const sent: { readonly id: string; readonly swallowed: boolean }[] = [];
  let at = 0;
  for (let i = 0; i < 30; i++) {
    const id = `${UUID}-${i}`;
    // What the old frame still waits for is taken for its own: no byte says otherwise.
    sent.push({ id, swallowed: inside && at < missing });
    const request = ping(id, dialect);
    at += request.length;
    sink.wait(100).push(request);
  }
  const due = sent.filter(({ swallowed }) => !swallowed).map(({ id }) => id);
  sink.wait(1000);
  if (sink.messages.length > 0 && !sink.decoder.partial) {
    expect(sink.ids, `cut at ${cut}`).toEqual(expect.arrayContaining(due));
  }
  sink.wait(30_000);
  expect(sink.ids, `cut at ${cut}`).toEqual(expect.arrayContaining(due));
  // And from then on all of them, at once.
  sink.push(ping('after', dialect));
  expect(sink.ids.at(-1), `cut at ${cut}`).toBe('after');
}

describe('a host that left', () => {
  const bulk = write('old', 100_000, 'plain');
  const idEnds = 4 + 2 + 'old'.length;

  it('in the header costs the next host nothing, not even time', () => {
    for (const dialect of ['plain', 'magic'] as const) {
      const old = write('old', 70_000, dialect);
      for (let cut = 1; cut <= old.length - 70_000 && cut <= (dialect === 'magic' ? 8 : 4); cut++) {
        const sink = new Sink().push(old.subarray(0, cut), ping('new', dialect));
        expect(sink.ids, `cut at ${cut}`).toEqual(['new']);
      }
    }
  });

  it('in the id costs the next host a second', () => {
    for (let cut = 5; cut < idEnds; cut++) {
      const sink = new Sink().push(bulk.subarray(0, cut), ping('new'));
      expect(sink.wait(1000).ids, `cut at ${cut}`).toEqual(['new']);
    }
  });

  it('further on costs the next host no more than what is left of 30 s', () => {
    const sink = new Sink().push(bulk.subarray(0, 50_000)).wait(25_000);
    sink.push(ping('new-1')).wait(2000).push(ping('new-2')).wait(2500);
    expect(sink.ids).toEqual([]);
    sink.wait(500);
    expect(sink.faults).toMatchObject([{ kind: 'lost', id: 'old' }]);
    expect(sink.ids).toEqual(['new-1', 'new-2']);
  });

  it('while it sent copies of frames costs the next host no more than that either', () => {
    // A file that holds frames, each announcing more than there is of it.
    const copies = Buffer.concat(
      Array.from({ length: 20 }, (_, i) => write(`copy-${i}`, 500_000, 'plain').subarray(0, 90)),
    );
    const upload = framed(
      message('upload', field(2, Buffer.concat([copies, Buffer.alloc(1e6)])), 12),
    );
    const sink = new Sink().push(upload.subarray(0, copies.length + 60)).wait(29_000);
    sink.push(ping('new')).wait(1000);
    expect(sink.ids).toEqual(['new']);
    expect(sink.faultKinds).toEqual(['lost']);
  });

  it('in a message over the limit costs the next host 30 s', () => {
    const sink = new Sink().push(
      framed(message('huge', Buffer.alloc(5_000_000), 12)).subarray(0, 4_900_000),
    );
    for (let i = 0; i < 34; i++) sink.push(ping(`new-${i}`)).wait(1000);
    expect(sink.faults).toMatchObject([{ kind: 'too-large', id: 'huge' }]);
    expect(sink.ids).toEqual(['new-31', 'new-32', 'new-33']);
  });
});

it('what looks like a message over the limit does not cost another 30 s', () => {
  const half = framed(message('old', Buffer.alloc(500), 12)).subarray(0, 50);
  const huge = Buffer.concat([header(0x5000_0000), field(1, 'huge'), Buffer.alloc(20)]);
  const sink = new Sink().push(half, ping('inside'), huge).wait(30_000);
  expect(sink.faultKinds).toEqual(['lost', 'too-large']);
  expect(sink.push(ping('next')).ids).toEqual(['inside', 'next']);
});

it('a message over the limit may take its time as long as it moves', () => {
  const sink = new Sink({ maxBytes: 1000 });
  const bytes = framed(message('huge', Buffer.concat(Array(3000).fill(ping('inside'))), 12));
  for (let at = 0; at < bytes.length; at += 700)
    sink.push(bytes.subarray(at, at + 700)).wait(15_000);
  sink.push(ping('next'));
  expect(sink.ids).toEqual(['next']);
  expect(sink.faultKinds).toEqual(['too-large']);
});
