import { existsSync } from 'node:fs';
import { findTool } from '@limiquantix/plugin-sdk/guest';
import { setClock, slewClock } from './kernel-clock.ts';

/** What this plugin needs of the guest. */
export interface Guest {
  /**
   * Where a program is.
   * @throws ToolMissing
   */
  readonly findTool: (program: string) => string;
  /** Whether systemd is what started the guest, as of sd_booted(3). */
  readonly systemdRuns: () => boolean;
  /** The guest's clock, in milliseconds since the epoch. */
  readonly wall: () => number;
  readonly setClock: typeof setClock;
  readonly slewClock: typeof slewClock;
  /** Where hwclock(8) remembers whether the hardware clock has local time. */
  readonly adjtimeFile: string;
}

/** The guest that the agent runs in. */
export function thisGuest(): Guest {
  return {
    findTool,
    systemdRuns: () => existsSync('/run/systemd/system'),
    wall: Date.now,
    setClock,
    slewClock,
    adjtimeFile: '/etc/adjtime',
  };
}
