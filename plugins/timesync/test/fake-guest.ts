import { join } from 'node:path';
import { FakeTools } from '@limiquantix/plugin-sdk/testing';
import { afterAll } from 'vitest';
import type { Guest } from '../src/linux/guest.ts';

export interface FakeGuest extends Guest {
  readonly tools: FakeTools;
  /** How far its clock is ahead of this machine's, which no test ever sets. */
  aheadMs: number;
}

export interface FakeGuestOptions {
  /** What each of its tools does once its call is written down, for sh. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly systemd?: boolean;
}

const used: FakeTools[] = [];
afterAll(() => {
  for (const tools of used) tools.remove();
});

/** A guest with no tools but those of the test, and with a clock of its own. */
export function fakeGuest({ scripts, systemd = false }: FakeGuestOptions): FakeGuest {
  const tools = new FakeTools();
  used.push(tools);
  for (const [name, script] of Object.entries(scripts)) tools.add(name, script);
  const guest: FakeGuest = {
    tools,
    aheadMs: 0,
    findTool: tools.find,
    systemdRuns: () => systemd,
    wall: () => performance.timeOrigin + performance.now() + guest.aheadMs,
    adjtimeFile: join(tools.dir, 'adjtime'),
  };
  return guest;
}
