import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Turns } from '../../src/session/turns.ts';

// A clock of its own: whoever else has the processor for a while does not end a turn.
let now: number;
const work = (ms: number) => {
  now += ms;
};
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('does a little at once', () => {
    const done: number[] = [];
    const turns = new Turns(() => done.push(-1));
    turns.begin();
    for (let i = 0; i < 3; i++) turns.take(() => done.push(i));
    expect(done).toEqual([0, 1, 2]);
    expect(turns.behind).toBe(false);
  });

  it('does much in order, some in each turn, and says when it has caught up', async () => {
    const done: number[] = [];
    let caughtUp = 0;
    const turns = new Turns(() => caughtUp++);
    turns.begin();
    for (let i = 0; i < 200; i++) {
      turns.take(() => {
        done.push(i);
        work(0.1);
      });
    }
    let most = done.length;
    let before = done.length;
    while (turns.behind) {
      expect(caughtUp).toBe(0);
      await turn();
      most = Math.max(most, done.length - before);
      before = done.length;
    }
    expect(done).toEqual(Array.from({ length: 200 }, (_, i) => i));
    // Half a millisecond's worth, and the one that is under way.
    expect(most).toBeLessThanOrEqual(6);
    expect(caughtUp).toBe(1);
  });

  it('lets nobody overtake what waits', async () => {
    const done: number[] = [];
    const turns = new Turns(() => undefined);
    turns.begin();
    turns.take(() => work(1));
    for (let i = 0; i < 40; i++) turns.take(() => done.push(i));
    expect(turns.behind).toBe(true);
    turns.begin();
    turns.take(() => done.push(40));
    while (turns.behind) await turn();
    expect(done).toEqual(Array.from({ length: 41 }, (_, i) => i));
  });

  it('forgets what waits when it is over', async () => {
    let done = 0;
    const turns = new Turns(() => undefined);
    turns.begin();
    turns.take(() => work(1));
    for (let i = 0; i < 100; i++) turns.take(() => done++);
    turns.clear();
    await turn();
    await turn();
    expect(done).toBe(0);
  });

  it('does what nobody sent, such as the refusal of a late frame, in the next turn', async () => {
    let done = 0;
    const turns = new Turns(() => undefined);
    turns.take(() => done++);
    await turn();
    expect(done).toBe(1);
  });
});
