import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ProcessCounter } from '../src/linux/process-count.ts';

const listed = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;

test('counts what /proc lists, however often it is asked', () => {
  const counter = new ProcessCounter();
  for (let n = 0; n < 200; n++) expect(Math.abs(counter.count() - listed())).toBeLessThan(10);
});

test('sees processes come and go', async () => {
  const counter = new ProcessCounter();
  counter.count();
  const before = counter.count();
  const children = Array.from({ length: 30 }, () => spawn('sleep', ['60']));
  await Promise.all(children.map((child) => once(child, 'spawn')));
  const during = counter.count();
  const gone = children.map((child) => once(child, 'exit'));
  for (const child of children) child.kill();
  await Promise.all(gone);
  expect(during - before).toBeGreaterThan(20);
  expect(Math.abs(counter.count() - listed())).toBeLessThan(10);
});
