import { Duplex } from 'node:stream';
import type { SealedFrame } from '@limiquantix/agent-proto/codec';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Outbox, Priority } from '../../src/session/outbox.ts';

/** A peer that reads when it is told to. */
class Peer extends Duplex {
  /** What arrived, one row for each write of the system. */
  readonly writes: string[][] = [];
  #taken: (() => void)[] = [];
  #reads: boolean;

  constructor({ reads = true } = {}) {
    super();
    this.#reads = reads;
  }

  get frames(): string[] {
    return this.writes.flat().join('').split(' ').slice(0, -1);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => chunk.toString()));
    if (this.#reads) done();
    else this.#taken.push(done);
  }

  override _read(): void {}

  /** Reads everything from now on. */
  async takeAll(): Promise<void> {
    this.#reads = true;
    for (const done of this.#taken.splice(0)) done();
    await turn();
  }
}

/** A frame that names itself and ends with a blank, filled up to its length. */
function frame(name: string, bytes = name.length + 1): SealedFrame {
  const parts = [Buffer.from(name), Buffer.from(' '.padStart(bytes - name.length, '.'))];
  return { parts, bytes };
}

const named = (frames: readonly string[]) => frames.map((text) => text.replace(/\.+$/, ''));
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** An outbox whose stream takes nothing more after a first frame. */
async function stuck(queuedBytes = 1000): Promise<{ peer: Peer; outbox: Outbox }> {
  const peer = new Peer({ reads: false });
  const outbox = new Outbox(peer, { inFlightBytes: 10, queuedBytes });
  outbox.push(frame('first', 10), Priority.ANSWER);
  await turn();
  return { peer, outbox };
}

describe('a host that reads again after a long while', () => {
  it('is sent all that has gathered, though each write makes room for one frame only', async () => {
    const peer = new Peer({ reads: false });
    const outbox = new Outbox(peer, { inFlightBytes: 100 });
    const names = Array.from({ length: 50_000 }, (_, i) => `${10_000_000 + i}`);
    for (const name of names.slice(0, 20)) {
      outbox.push(frame(name), Priority.ANSWER);
      await turn();
    }
    for (const name of names.slice(20)) outbox.push(frame(name), Priority.ANSWER);
    await peer.takeAll();
    await outbox.flushed();
    expect(peer.frames).toEqual(names);
  });
});

describe('order', () => {
  it('is that of urgency also among what is written at once, when it is uncorked', () => {
    const peer = new Peer();
    const outbox = new Outbox(peer);
    outbox.cork();
    outbox.push(frame('bulk'), Priority.BULK);
    outbox.push(frame('urgent'), Priority.URGENT);
    expect(peer.writes).toEqual([]);
    outbox.uncork();
    expect(peer.frames).toEqual(['urgent', 'bulk']);
    expect(peer.writes).toHaveLength(1);
  });

  it('sends what is urgent first, then answers, bulk, events, telemetry', async () => {
    const { peer, outbox } = await stuck();
    outbox.push(frame('telemetry'), Priority.LATEST);
    outbox.push(frame('event'), Priority.EVENT);
    outbox.push(frame('bulk'), Priority.BULK);
    outbox.push(frame('answer'), Priority.ANSWER);
    outbox.push(frame('pong'), Priority.URGENT);
    await peer.takeAll();
    expect(named(peer.frames)).toEqual(['first', 'pong', 'answer', 'bulk', 'event', 'telemetry']);
  });

  it('does so within one turn of the event loop, too', async () => {
    const peer = new Peer();
    const outbox = new Outbox(peer);
    for (const name of ['bulk1', 'bulk2']) outbox.push(frame(name, 20_000), Priority.BULK);
    outbox.push(frame('pong'), Priority.URGENT);
    await turn();
    expect(named(peer.frames)).toEqual(['pong', 'bulk1', 'bulk2']);
  });

  it('keeps the order of frames of one kind', async () => {
    const { peer, outbox } = await stuck();
    for (const name of ['a', 'b', 'c']) outbox.push(frame(name), Priority.BULK);
    await peer.takeAll();
    expect(named(peer.frames)).toEqual(['first', 'a', 'b', 'c']);
  });

  it('never mixes the parts of two frames', async () => {
    const peer = new Peer();
    const outbox = new Outbox(peer);
    for (const name of ['one', 'two', 'six']) outbox.push(frame(name, 5000), Priority.BULK);
    await turn();
    expect(named(peer.frames)).toEqual(['one', 'two', 'six']);
    expect(peer.frames.map((text) => text.length)).toEqual([4999, 4999, 4999]);
  });

  it('writes the answers of one turn of the event loop at once', async () => {
    const peer = new Peer();
    const outbox = new Outbox(peer);
    for (let i = 0; i < 100; i++) outbox.push(frame(`${i}`), Priority.ANSWER);
    await turn();
    expect(peer.writes).toHaveLength(1);
    expect(peer.frames).toHaveLength(100);
  });

  it('gives the stream only so much that an urgent frame soon gets its turn', async () => {
    const peer = new Peer({ reads: false });
    const outbox = new Outbox(peer, { inFlightBytes: 1000 });
    for (let i = 0; i < 50; i++) outbox.push(frame(`bulk${i}`, 100), Priority.BULK);
    await turn();
    outbox.push(frame('pong'), Priority.URGENT);
    await turn();
    expect(peer.writableLength).toBe(1000);
    await peer.takeAll();
    await turn();
    expect(named(peer.frames).indexOf('pong')).toBe(10);
    expect(peer.frames).toHaveLength(51);
  });
});

describe('bounds', () => {
  it('is full at its limit and says when there is room again', async () => {
    const { peer, outbox } = await stuck(1000);
    outbox.push(frame('a', 999), Priority.BULK);
    expect(outbox.full).toBe(false);
    outbox.push(frame('b', 1), Priority.BULK);
    expect(outbox.full).toBe(true);
    let roomy = false;
    void outbox.roomy().then(() => {
      roomy = true;
    });
    await turn();
    expect(roomy).toBe(false);
    await peer.takeAll();
    expect(roomy).toBe(true);
  });

  it('drops no answer, even over the limit', async () => {
    const { peer, outbox } = await stuck(100);
    for (const name of ['a', 'b', 'c']) outbox.push(frame(name, 90), Priority.ANSWER);
    await peer.takeAll();
    await turn();
    expect(named(peer.frames)).toEqual(['first', 'a', 'b', 'c']);
    expect(outbox.dropped).toBe(0);
  });

  it('drops the oldest events when a host does not read', async () => {
    const { peer, outbox } = await stuck(100);
    for (const name of ['old', 'older', 'new', 'newer', 'newest']) {
      outbox.push(frame(name, 30), Priority.EVENT);
    }
    expect(outbox.queuedBytes).toBeLessThanOrEqual(100);
    expect(outbox.dropped).toBe(2);
    await peer.takeAll();
    await turn();
    expect(named(peer.frames)).toEqual(['first', 'new', 'newer', 'newest']);
  });

  it('keeps only the newest telemetry', async () => {
    const { peer, outbox } = await stuck();
    for (const name of ['t1', 't2', 't3']) outbox.push(frame(name), Priority.LATEST);
    await peer.takeAll();
    expect(named(peer.frames)).toEqual(['first', 't3']);
    expect(outbox.dropped).toBe(2);
  });

  it('drops telemetry before events, and events before it delays an answer', async () => {
    const { peer, outbox } = await stuck(100);
    outbox.push(frame('telemetry', 40), Priority.LATEST);
    outbox.push(frame('event', 40), Priority.EVENT);
    outbox.push(frame('event2', 40), Priority.EVENT);
    outbox.push(frame('answer', 60), Priority.ANSWER);
    expect(outbox.queuedBytes).toBe(100);
    await peer.takeAll();
    expect(named(peer.frames)).toEqual(['first', 'answer', 'event2']);
  });

  it('is never full of events: requests are read all the same', async () => {
    const { outbox } = await stuck(100);
    outbox.push(frame('event', 100), Priority.EVENT);
    expect(outbox.full).toBe(false);
  });

  it('throws no events away for one that does not fit anyway', async () => {
    const { peer, outbox } = await stuck(100);
    outbox.push(frame('answer', 50), Priority.ANSWER);
    outbox.push(frame('event', 40), Priority.EVENT);
    outbox.push(frame('huge', 60), Priority.EVENT);
    await peer.takeAll();
    await turn();
    expect(named(peer.frames)).toEqual(['first', 'answer', 'event']);
  });

  it('wakes who waits for room when the session ends', async () => {
    const { outbox } = await stuck(100);
    outbox.push(frame('answer', 100), Priority.ANSWER);
    const roomy = outbox.roomy();
    outbox.clear();
    await roomy;
    expect(outbox.queuedBytes).toBe(0);
  });

  it('sends nothing more once it is cleared', async () => {
    const { peer, outbox } = await stuck();
    outbox.push(frame('late'), Priority.ANSWER);
    outbox.clear();
    await peer.takeAll();
    await turn();
    expect(named(peer.frames)).toEqual(['first']);
  });

  it('knows when all is written', async () => {
    const { peer, outbox } = await stuck();
    outbox.push(frame('answer'), Priority.ANSWER);
    const flushed = outbox.flushed();
    await peer.takeAll();
    await flushed;
    expect(named(peer.frames)).toEqual(['first', 'answer']);
  });
});

it('delivers every answer, within its bound, whatever is pushed and read', async () => {
  const push = fc.record({
    priority: fc.constantFrom(...Object.values(Priority)),
    bytes: fc.integer({ min: 8, max: 60 }),
  });
  const steps = fc.array(fc.oneof(push, fc.constant(undefined)), { maxLength: 60 });
  await fc.assert(fc.asyncProperty(steps, deliversAnswers), { numRuns: 100 });
});

/** An undefined step reads. */
async function deliversAnswers(
  steps: readonly ({ priority: Priority; bytes: number } | undefined)[],
): Promise<void> {
  const peer = new Peer({ reads: false });
  const outbox = new Outbox(peer, { inFlightBytes: 50, queuedBytes: 200 });
  const answers: string[] = [];
  const waiting: Promise<void>[] = [];
  for (const [index, step] of steps.entries()) {
    if (!step) {
      await peer.takeAll();
      continue;
    }
    const name = `${step.priority}-${index}`;
    if (step.priority < Priority.EVENT) answers.push(name);
    outbox.push(frame(name, step.bytes), step.priority);
    if (outbox.full) waiting.push(outbox.roomy());
    else expect(outbox.queuedBytes).toBeLessThanOrEqual(200);
  }
  await peer.takeAll();
  await outbox.flushed();
  for (const kind of ['0', '1', '2']) {
    expect(ofKind(kind, named(peer.frames))).toEqual(ofKind(kind, answers));
  }
  await Promise.all(waiting);
  expect(outbox.queuedBytes).toBe(0);
}

function ofKind(kind: string, names: readonly string[]): string[] {
  return names.filter((name) => name.startsWith(kind));
}
