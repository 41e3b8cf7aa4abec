import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatheredIo } from '../src/gathered-io.ts';

const KIB = 1024;

/** Reads of a file of `size` bytes, at most `most` of them by one call. */
function reading(size: number, most = Number.POSITIVE_INFINITY) {
  const calls: [position: number, bytes: number][] = [];
  const io = new GatheredIo(async (buffers, position) => {
    const wanted = buffers.reduce((sum, { length }) => sum + length, 0);
    calls.push([position, wanted]);
    const bytes = Math.max(0, Math.min(wanted, size - position, most));
    let at = position;
    for (const buffer of buffers) {
      for (let i = 0; i < buffer.length && at < position + bytes; i++) buffer[i] = at++ % 251;
    }
    return bytes;
  });
  return { io, calls };
}

describe('chunks of one turn', () => {
  it('that follow one another go in one call, in whatever order they were asked for', async () => {
    const { io, calls } = reading(1000);
    const at = [200, 0, 100].map((position) => io.transfer(new Uint8Array(100), position));
    expect(await Promise.all(at)).toEqual([100, 100, 100]);
    expect(calls).toEqual([[0, 300]]);
  });

  it('that do not, or overlap, go each by itself', async () => {
    const { io, calls } = reading(1000);
    await Promise.all([0, 50, 300].map((position) => io.transfer(new Uint8Array(100), position)));
    expect(calls).toEqual([
      [0, 100],
      [50, 100],
      [300, 100],
    ]);
  });

  it('go side by side where they are large', async () => {
    const { io, calls } = reading(2048 * KIB);
    const chunks = [0, 1, 2, 3].map((n) => io.transfer(new Uint8Array(256 * KIB), n * 256 * KIB));
    await Promise.all(chunks);
    expect(calls).toEqual([
      [0, 512 * KIB],
      [512 * KIB, 512 * KIB],
    ]);
  });

  it('are not held up by those of the turn before', async () => {
    let calls = 0;
    const io = new GatheredIo(() =>
      ++calls === 1 ? new Promise(() => undefined) : Promise.resolve(1),
    );
    void io.transfer(new Uint8Array(1), 0);
    await new Promise(setImmediate);
    expect(await io.transfer(new Uint8Array(1), 1)).toBe(1);
  });

  it('have the failure of their own place only', async () => {
    const io = new GatheredIo(async (buffers, position) => {
      if (position + buffers.length > 1) throw new Error('bad sector');
      return 1;
    });
    const both = [0, 1].map((position) => io.transfer(new Uint8Array(1), position));
    expect(await Promise.allSettled(both)).toMatchObject([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: new Error('bad sector') },
    ]);
  });
});

it('each chunk gets its own bytes, however short the calls fall', async () => {
  const chunk = fc.record({ position: fc.nat(300), length: fc.integer({ min: 1, max: 40 }) });
  const chunks = fc.array(chunk, { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      chunks,
      fc.nat(250),
      fc.integer({ min: 1, max: 100 }),
      async (all, size, most) => {
        const { io } = reading(size, most);
        const transfers = all.map(async ({ position, length }) => {
          const buffer = new Uint8Array(length);
          const bytes = await io.transfer(buffer, position);
          if (position >= size) expect(bytes).toBe(0);
          else expect(bytes).toBeGreaterThan(0);
          for (let i = 0; i < bytes; i++) expect(buffer[i]).toBe((position + i) % 251);
        });
        await Promise.all(transfers);
      },
    ),
  );
});
