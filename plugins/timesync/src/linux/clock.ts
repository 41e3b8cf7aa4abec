import { readFileSync } from 'node:fs';
import type { Guest } from './guest.ts';
import { run } from './tool.ts';

/** It waits for the next second; one that never ticks must not hold the answer. */
const HARDWARE_CLOCK_MS = 5000;

/**
 * Sets the clock.
 * @param now milliseconds since the epoch, as of the moment when it is called
 * @throws ToolFailed, ToolMissing
 */
export async function stepClock(now: () => number, guest: Guest): Promise<void> {
  if (guest.setClock(now())) return;
  await run(['date', '-u', '-s', `@${(now() / 1000).toFixed(6)}`], guest);
}

/**
 * Has the hardware clock follow, in UTC unless the guest keeps local time in it.
 * @throws ToolFailed, ToolMissing
 */
export async function setHardwareClock(guest: Guest): Promise<void> {
  const scale = keepsLocalTime(guest.adjtimeFile) ? '--localtime' : '--utc';
  await run(['hwclock', '--systohc', scale], guest, { timeoutMs: HARDWARE_CLOCK_MS });
}

/** Said by the third line of adjtime(5). */
function keepsLocalTime(adjtimeFile: string): boolean {
  try {
    return readFileSync(adjtimeFile, 'utf8').split('\n')[2]?.trim() === 'LOCAL';
  } catch {
    return false;
  }
}
