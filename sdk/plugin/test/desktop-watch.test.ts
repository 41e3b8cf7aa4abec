import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DesktopWatch } from '../src/guest/desktop/watch.ts';

/** Long beside what a test takes, short enough to wait for it. */
const SETTLED_MS = 300;

const WATCHED = ['systemd/seats', 'systemd/sessions', 'X11-unix', 'user', 'user/1000'];

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lqx-watch-'));
  for (const folder of WATCHED) mkdirSync(join(root, folder), { recursive: true });
  letTimePass();
});
afterEach(() => rmSync(root, { recursive: true }));

/** A kernel may give the same time to all that happens within a few milliseconds. */
function letTimePass(): void {
  for (const folder of WATCHED) utimesSync(join(root, folder), 1, 1);
}

function watchOver(settledMs = 60_000): DesktopWatch {
  const paths = {
    logind: join(root, 'systemd'),
    x11Sockets: join(root, 'X11-unix'),
    runtimeDirectories: join(root, 'user'),
  };
  return new DesktopWatch({ paths, settledMs });
}

test.each([
  ['a session that logind wrote down', () => writeFileSync(join(root, 'systemd/sessions/2'), '')],
  ['a seat', () => writeFileSync(join(root, 'systemd/seats/seat0'), '')],
  ["an X server's socket", () => writeFileSync(join(root, 'X11-unix/X0'), '')],
  ['a Wayland socket', () => writeFileSync(join(root, 'user/1000/wayland-0'), '')],
  ['a user', () => mkdirSync(join(root, 'user/1001'))],
  ['the directory of X servers', () => rmSync(join(root, 'X11-unix'), { recursive: true })],
])('is worth it after a change: %s', (_what, change) => {
  const watch = watchOver();
  expect(watch.worthLooking()).toBe(false);
  change();
  expect(watch.worthLooking()).toBe(true);
  // What was begun may take a while until it can be found.
  expect(watch.worthLooking()).toBe(true);
});

test('is worth it no more some time after a change', async () => {
  const watch = watchOver(SETTLED_MS);
  mkdirSync(join(root, 'user/1001'));
  expect(watch.worthLooking()).toBe(true);
  await pause(SETTLED_MS + 20);
  expect(watch.worthLooking()).toBe(true);
  expect(watch.worthLooking()).toBe(false);
});

test('is worth it where a session was rewritten in place of its file', () => {
  const path = join(root, 'systemd/sessions/2');
  writeFileSync(path, 'ACTIVE=0\n');
  letTimePass();
  const watch = watchOver();
  writeFileSync(join(root, 'draft'), 'ACTIVE=1\n');
  renameSync(join(root, 'draft'), path);
  expect(watch.worthLooking()).toBe(true);
});

test('is worth it now and then without a change', async () => {
  const watch = watchOver(SETTLED_MS);
  await pause(SETTLED_MS + 20);
  expect(watch.worthLooking()).toBe(true);
});

test('does not follow a link that anybody may have made', () => {
  const elsewhere = join(root, 'elsewhere');
  mkdirSync(elsewhere);
  rmSync(join(root, 'X11-unix'), { recursive: true });
  symlinkSync(elsewhere, join(root, 'X11-unix'));
  const watch = watchOver();
  writeFileSync(join(elsewhere, 'X0'), '');
  expect(watch.worthLooking()).toBe(false);
});
