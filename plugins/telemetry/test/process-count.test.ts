import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ProcessCounter } from '../src/linux/process-count.ts';

const listed = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;

/** How far it is off; others may come and go between the two looks. */
const off = (counter: ProcessCounter) => Math.abs(counter.count() - listed());

test('counts what /proc lists, however often it is asked', async () => {
  const counter = new ProcessCounter();
  for (let n = 0; n < 200; n++) counter.count();
  await expect.poll(() => off(counter), { interval: 5 }).toBeLessThan(3);
});

test('sees processes come and go', async () => {
  const counter = new ProcessCounter();
  counter.count();
  const children = Array.from({ length: 30 }, () => spawn('sleep', ['60']));
  await Promise.all(children.map((child) => once(child, 'spawn')));
  await expect.poll(() => off(counter), { interval: 5 }).toBeLessThan(3);
  const gone = children.map((child) => once(child, 'exit'));
  for (const child of children) child.kill();
  await Promise.all(gone);
  await expect.poll(() => off(counter), { interval: 5 }).toBeLessThan(3);
});
