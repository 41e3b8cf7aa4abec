import { setTimeout as sleep } from 'node:timers/promises';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { it } from 'vitest';
import { Countdown, type Order } from '../src/countdown.ts';

function countdown() {
  const carriedOut: string[] = [];
  const sent: (() => void)[] = [];
  const order = (id: string): Order => ({
    call: { id, afterSent: (release) => sent.push(release) },
    action: 'poweroff',
    delayMs: 0,
    carryOut: async () => void carriedOut.push(id),
  });
  const subject = new Countdown({ log: memoryLogger(), onFailure: () => undefined });
  return { subject, order, carriedOut, sent };
}

it.concurrent('waits until the answer was written, and a moment longer', async ({ expect }) => {
  const { subject, order, carriedOut, sent } = countdown();
  subject.begin(order('a'));
  await sleep(500);
  expect(carriedOut).toEqual([]);
  const released = performance.now();
  for (const release of sent) release();
  await expect.poll(() => carriedOut, { interval: 5 }).toEqual(['a']);
  expect(performance.now() - released).toBeGreaterThan(240);
});

it.concurrent('does not wait for ever for a host that does not read', async ({ expect }) => {
  const { subject, order, carriedOut } = countdown();
  subject.begin(order('a'));
  await expect.poll(() => carriedOut, { timeout: 7000 }).toEqual(['a']);
});

it.concurrent('forgets what the host was told to have failed, and nothing else', async ({
  expect,
}) => {
  const { subject, order, carriedOut, sent } = countdown();
  const [first, second] = [order('a'), order('b')];
  subject.begin(first);
  subject.begin(second);
  for (const release of sent) release();
  subject.forget(first.call);
  await expect.poll(() => carriedOut).toEqual(['b']);
  const third = order('c');
  subject.begin(third);
  for (const release of sent) release();
  subject.forget(third.call);
  await sleep(500);
  expect(carriedOut).toEqual(['b']);
});

it.concurrent('carries nothing out after a thaw that was replaced meanwhile', async ({
  expect,
}) => {
  const { subject, order, carriedOut, sent } = countdown();
  subject.freeze();
  subject.begin(order('a'));
  for (const release of sent.splice(0)) release();
  await sleep(500);
  subject.begin(order('b'));
  subject.thaw();
  await sleep(200);
  expect(carriedOut).toEqual([]);
  for (const release of sent) release();
  await expect.poll(() => carriedOut).toEqual(['b']);
});

it.concurrent('is not forgotten by an order that was due in the same moment', async ({
  expect,
}) => {
  const { subject, order, carriedOut, sent } = countdown();
  subject.freeze();
  subject.begin(order('a'));
  for (const release of sent.splice(0)) release();
  await sleep(500);
  subject.thaw();
  subject.begin(order('b'));
  for (const release of sent) release();
  await expect.poll(() => carriedOut).toEqual(['b']);
});
