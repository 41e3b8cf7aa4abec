import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteQueue } from '../../src/frame/byte-queue.ts';

type Step = { readonly push: Uint8Array } | { readonly skip: number } | { readonly view: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.uint8Array({ maxLength: 9000 }).map((push) => ({ push })),
  fc.nat(9000).map((skip) => ({ skip })),
  fc.nat(9000).map((view) => ({ view })),
);

describe('the queue of bytes', () => {
  it('holds what was pushed and not skipped, and never changes what it gave away', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new ByteQueue();
        let model = Buffer.alloc(0);
        const given: [view: Uint8Array, copy: Buffer][] = [];
        for (const [time, one] of steps.entries()) {
          if ('push' in one) {
            const chunk = Uint8Array.from(one.push);
            queue.push(chunk, time);
            chunk.fill(0xee);
            model = Buffer.concat([model, one.push]);
          } else if ('skip' in one) {
            const count = Math.min(one.skip, model.length);
            queue.skip(count);
            model = model.subarray(count);
          } else {
            const view = queue.view(0, Math.min(one.view, model.length));
            given.push([view, Buffer.from(view)]);
          }
          expect(queue.length).toBe(model.length);
          expect(model.equals(queue.view())).toBe(true);
        }
        for (const [view, copy] of given) expect(copy.equals(view)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('does not write into a chunk that belongs to who pushed it', () => {
    const pool = Buffer.from('chunk|others');
    const queue = new ByteQueue();
    queue.push(pool.subarray(0, 5), 0);
    queue.push(Buffer.from('XXXX'), 0);
    expect(pool.toString()).toBe('chunk|others');
    expect(Buffer.from(queue.view()).toString()).toBe('chunkXXXX');
  });

  it('takes memory that is used again, where it knows how much it needs', () => {
    const asked: number[] = [];
    const memory = new ArrayBuffer(100);
    const queue = new ByteQueue((bytes) => {
      asked.push(bytes);
      return memory;
    });
    queue.push(Buffer.from('not known'), 0);
    queue.skip(9);
    queue.push(Buffer.from('ab'), 0, 60);
    queue.push(Buffer.alloc(58, 'c'), 0, 60);
    expect(asked).toEqual([60]);
    expect(queue.memoryOf(60)).toBe(memory);
    expect(Buffer.from(queue.view(0, 3)).toString()).toBe('abc');
  });

  it('tells what bytes lie in only where nothing else does', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.alloc(5000), 0);
    expect(queue.memoryOf(5000)).toBe(queue.view().buffer);
    expect(queue.memoryOf(4000)).toBeUndefined();
    queue.skip(2000);
    expect(queue.memoryOf(3000)).toBeUndefined();
    queue.clear();
    queue.push(Buffer.from('in a pool'), 0);
    expect(queue.memoryOf(9)).toBeUndefined();
  });

  it('knows when its first byte arrived', () => {
    const queue = new ByteQueue();
    expect(queue.since).toBeUndefined();
    queue.push(Buffer.alloc(10), 1000);
    queue.push(Buffer.alloc(10), 2000);
    queue.push(Buffer.alloc(10), 3000);
    expect(queue.since).toBe(1000);
    queue.skip(9);
    expect(queue.since).toBe(1000);
    queue.skip(1);
    expect(queue.since).toBe(2000);
    queue.skip(15);
    expect(queue.since).toBe(3000);
    queue.skip(5);
    expect(queue.since).toBeUndefined();
    queue.push(Buffer.alloc(1), 4000);
    expect(queue.since).toBe(4000);
  });

  it('forgets everything when it is cleared', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.from('old'), 1);
    queue.clear();
    expect(queue.length).toBe(0);
    expect(queue.since).toBeUndefined();
    queue.push(Buffer.from('new'), 2);
    expect(Buffer.from(queue.view()).toString()).toBe('new');
  });
});
