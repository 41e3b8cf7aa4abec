import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Ticker } from '../src/ticker.ts';

/** Runs a ticker for a while and says when it ticked. */
async function run(intervalMs: number, forMs: number, onTick: () => Promise<void>) {
  const at: number[] = [];
  const start = performance.now();
  const ticker = new Ticker(intervalMs, () => {
    at.push(performance.now() - start);
    return onTick();
  });
  ticker.start();
  await pause(forMs);
  ticker.stop();
  return at;
}

test('does not drift by what its work takes', async () => {
  const at = await run(100, 1050, () => pause(30));
  // Node's timers may be a millisecond early.
  const late = at.map((ms) => (ms + 2) % 100).sort((a, b) => a - b);
  // If each interval began after the work, half of them would be 50 ms off.
  expect(late[Math.floor(late.length / 2)]).toBeLessThan(25);
  expect(at.length).toBeGreaterThan(3);
});

test('never overlaps, and does not make up for what it missed', async () => {
  let running = 0;
  let most = 0;
  const at = await run(10, 400, async () => {
    most = Math.max(most, ++running);
    await pause(95);
    running -= 1;
  });
  expect(most).toBe(1);
  expect(at.length).toBeLessThanOrEqual(5);
});

test('is quiet once it is stopped, even from its own tick', async () => {
  let ticks = 0;
  const ticker = new Ticker(5, async () => {
    ticks += 1;
    ticker.stop();
  });
  ticker.start();
  await pause(60);
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
  await pause(150);
  ticker.stop();
  expect(ticks).toBe(1);
});

test('runs once when it is started anew in the middle of its work', async () => {
  let ticks = 0;
  const ticker = new Ticker(20, async () => {
    if (++ticks > 1) return;
    ticker.stop();
    ticker.start();
    await pause(1);
  });
  ticker.start();
  await pause(400);
  ticker.stop();
  expect(ticks).toBeGreaterThan(2);
  expect(ticks).toBeLessThanOrEqual(20);
});
