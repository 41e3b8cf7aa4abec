import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/session/turns.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('does a little at once', () => {
    const done: number[] = [];
    const turns = new Turns(() => done.push(-1));
    for (let i = 0; i < 10; i++) turns.take(() => done.push(i));
    expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(turns.behind).toBe(false);
  });

  it('does much in order, some in each turn, and says when it has caught up', async () => {
    const done: number[] = [];
    let caughtUp = 0;
    const turns = new Turns(() => caughtUp++);
    for (let i = 0; i < 1000; i++) turns.take(() => done.push(i));
    let most = 0;
    let before = 0;
    while (turns.behind) {
      expect(caughtUp).toBe(0);
      most = Math.max(most, done.length - before);
      before = done.length;
      await turn();
    }
    expect(done).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(most).toBeLessThanOrEqual(50);
    expect(caughtUp).toBe(1);
  });

  it('lets nobody overtake what waits', async () => {
    const done: number[] = [];
    const turns = new Turns(() => undefined);
    for (let i = 0; i < 40; i++) turns.take(() => done.push(i));
    await turn();
    turns.take(() => done.push(40));
    await turn();
    expect(done).toEqual(Array.from({ length: 41 }, (_, i) => i));
  });

  it('forgets what waits when it is over', async () => {
    let done = 0;
    const turns = new Turns(() => undefined);
    for (let i = 0; i < 100; i++) turns.take(() => done++);
    const before = done;
    turns.clear();
    await turn();
    await turn();
    expect(done).toBe(before);
  });
});
