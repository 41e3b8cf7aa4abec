import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Ticker } from '../src/ticker.ts';

// A clock of its own: how soon this machine gets to a timer is not what is tested.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const work = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Runs a ticker for a while and says when it ticked. */
async function run(intervalMs: number, forMs: number, onTick: () => Promise<void>) {
  const at: number[] = [];
  const start = performance.now();
  const ticker = new Ticker(intervalMs, () => {
    at.push(performance.now() - start);
    return onTick();
  });
  ticker.start();
  await pass(forMs);
  ticker.stop();
  return at;
}

test('does not drift by what its work takes', async () => {
  expect(await run(100, 550, () => work(30))).toEqual([100, 200, 300, 400, 500]);
});

test('never overlaps, and does not make up for what it missed', async () => {
  let running = 0;
  let most = 0;
  const at = await run(10, 400, async () => {
    most = Math.max(most, ++running);
    await work(95);
    running -= 1;
  });
  expect(most).toBe(1);
  expect(at).toEqual([10, 110, 210, 310]);
});

test('is quiet once it is stopped, even from its own tick', async () => {
  let ticks = 0;
  const ticker = new Ticker(5, async () => {
    ticks += 1;
    ticker.stop();
  });
  ticker.start();
  await pass(60);
  expect(ticks).toBe(1);
});

test('runs once, however often it is started', async () => {
  let ticks = 0;
  const ticker = new Ticker(100, async () => {
    ticks += 1;
  });
  ticker.start();
  ticker.start();
  ticker.stop();
  ticker.start();
  await pass(150);
  ticker.stop();
  expect(ticks).toBe(1);
});

test('runs once when it is started anew in the middle of its work', async () => {
  let ticks = 0;
  const ticker = new Ticker(20, async () => {
    if (++ticks > 1) return;
    ticker.stop();
    ticker.start();
    await work(1);
  });
  ticker.start();
  await pass(400);
  ticker.stop();
  expect(ticks).toBe(20);
});
