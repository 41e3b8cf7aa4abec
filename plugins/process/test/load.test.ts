import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { bash, list, processPlugin } from './plugin.ts';

const host = processPlugin();

/** Milliseconds of CPU that this thread has used: what others do on the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The longest that the event loop was not free while `work` ran, in CPU time. */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = cpuMs();
  let done = false;
  const turn = () => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  done = true;
  return longest;
}

it('lists 500 processes without holding up the agent', async () => {
  const sleepers = await bash('for i in {1..500}; do sleep 1000 & done; wait');
  const started = async () =>
    (await list(host, { maxEntries: 4096 })).filter(
      ({ ppid, name }) => ppid === sleepers.pid && name === 'sleep',
    ).length;
  await expect.poll(started).toBe(500);
  const costs: number[] = [];
  for (let i = 0; i < 8; i++) {
    await sleep(10);
    const before = cpuMs();
    expect((await list(host)).length).toBeGreaterThanOrEqual(500);
    costs.push(cpuMs() - before);
  }
  const holds: number[] = [];
  for (let i = 0; i < 8; i++) holds.push(await longestHold(() => list(host)));
  process.kill(-sleepers.pid, 'SIGKILL');
  // A quarter of this on a machine that has nothing else to do.
  expect(Math.min(...costs)).toBeLessThan(80);
  // The answer is also encoded and decoded here, which is not done in slices.
  expect(Math.min(...holds)).toBeLessThan(20);
});
