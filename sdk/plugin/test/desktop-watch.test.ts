import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DesktopWatch } from '../src/guest/desktop/watch.ts';

/** Long beside what a test takes, short enough to wait for it. */
const SETTLED_MS = 300;

let root: string;
let watch: DesktopWatch;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lqx-watch-'));
  for (const folder of ['systemd/seats', 'systemd/sessions', 'X11-unix', 'user/1000']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  watch = watchOver(SETTLED_MS);
});
afterEach(() => rmSync(root, { recursive: true }));

function watchOver(settledMs: number): DesktopWatch {
  const paths = {
    logind: join(root, 'systemd'),
    x11Sockets: join(root, 'X11-unix'),
    runtimeDirectories: join(root, 'user'),
  };
  return new DesktopWatch({ paths, settledMs });
}

/** Nothing has happened for so long that the next look is not worth it. */
async function settle(): Promise<void> {
  expect(watch.worthLooking()).toBe(true);
  await pause(SETTLED_MS + 20);
  expect(watch.worthLooking()).toBe(true);
  expect(watch.worthLooking()).toBe(false);
}

test.each([
  ['a session that logind wrote down', () => writeFileSync(join(root, 'systemd/sessions/2'), '')],
  ['a seat', () => writeFileSync(join(root, 'systemd/seats/seat0'), '')],
  ["an X server's socket", () => writeFileSync(join(root, 'X11-unix/X0'), '')],
  ['a Wayland socket', () => writeFileSync(join(root, 'user/1000/wayland-0'), '')],
  ['a user', () => mkdirSync(join(root, 'user/1001'))],
  ['the directory of X servers', () => rmSync(join(root, 'X11-unix'), { recursive: true })],
])('is worth it again after a change: %s', async (_what, change) => {
  await settle();
  change();
  expect(watch.worthLooking()).toBe(true);
  expect(watch.worthLooking()).toBe(true);
});

test('is worth it where a session was rewritten in place of its file', async () => {
  const path = join(root, 'systemd/sessions/2');
  writeFileSync(path, 'ACTIVE=0\n');
  await settle();
  writeFileSync(join(root, 'draft'), 'ACTIVE=1\n');
  renameSync(join(root, 'draft'), path);
  expect(watch.worthLooking()).toBe(true);
});

test('is worth it now and then without a change', async () => {
  await settle();
  await pause(SETTLED_MS + 20);
  expect(watch.worthLooking()).toBe(true);
});

test('does not follow a link that anybody may have made', async () => {
  const elsewhere = join(root, 'elsewhere');
  mkdirSync(elsewhere);
  rmSync(join(root, 'X11-unix'), { recursive: true });
  symlinkSync(elsewhere, join(root, 'X11-unix'));
  await settle();
  writeFileSync(join(elsewhere, 'X0'), '');
  expect(watch.worthLooking()).toBe(false);
});
