import { join } from 'node:path';
import { FakeTools } from '@limiquantix/plugin-sdk/testing';
import { afterAll } from 'vitest';
import type { Guest } from '../src/linux/guest.ts';
import { ToolFailed } from '../src/linux/tool.ts';

export interface FakeGuest extends Guest {
  readonly tools: FakeTools;
  /** How far its clock is ahead of this machine's, which no test ever sets. */
  aheadMs: number;
  /** What its clock was set to, in milliseconds since the epoch. */
  readonly set: number[];
  /** Offsets in milliseconds that its clock was to lose. */
  readonly slewed: number[];
}

export interface FakeGuestOptions {
  /** What each of its tools does once its call is written down, for sh. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly systemd?: boolean;
  /** What its kernel does when it is told to set or to slew the clock. By default it obeys. */
  readonly clock?: 'obeys' | 'refuses' | 'goes elsewhere' | 'cannot be called';
}

const used: FakeTools[] = [];
afterAll(() => {
  for (const tools of used) tools.remove();
});

/** A guest with no tools but those of the test, and with a clock of its own. */
export function fakeGuest({
  scripts,
  systemd = false,
  clock = 'obeys',
}: FakeGuestOptions): FakeGuest {
  const tools = new FakeTools();
  used.push(tools);
  for (const [name, script] of Object.entries(scripts)) tools.add(name, script);
  const guest: FakeGuest = {
    tools,
    aheadMs: 0,
    set: [],
    slewed: [],
    findTool: tools.find,
    systemdRuns: () => systemd,
    wall: () => performance.timeOrigin + performance.now() + guest.aheadMs,
    setClock(ms) {
      if (clock === 'cannot be called') return false;
      if (clock === 'refuses') throw new ToolFailed('clock_settime EPERM: not permitted');
      guest.set.push(ms);
      if (clock === 'obeys') guest.aheadMs += ms - guest.wall();
      return true;
    },
    slewClock: (offsetMs) => clock === 'obeys' && guest.slewed.push(offsetMs) > 0,
    adjtimeFile: join(tools.dir, 'adjtime'),
  };
  return guest;
}
