import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guest } from './guest.ts';
import { isOfTool, kindOf, run } from './tool.ts';

/** It waits for the next second; one that never ticks must not hold the answer. */
const HARDWARE_CLOCK_MS = 5000;

/**
 * Sets the clock.
 * @param now milliseconds since the epoch, as of the moment when it is called
 * @throws ToolFailed, ToolMissing
 */
export async function stepClock(now: () => number, guest: Guest): Promise<void> {
  try {
    await run(['date', '-u', '-s', `@${(now() / 1000).toFixed(6)}`], guest);
  } catch (thrown) {
    if (!isOfTool(thrown) || kindOf('date', guest) !== 'busybox') throw thrown;
    // Busybox's knows whole seconds only: it is run when one begins.
    const next = Math.ceil(now() / 1000);
    await sleep(next * 1000 - now());
    await run(['date', '-u', '-s', `@${next}`], guest);
  }
}

/**
 * Has the kernel run the clock a little (1 part in 2000) faster or slower until the offset
 * is gone.
 * @returns whether the guest has a tool for it that did
 */
export async function slewClock(offsetMs: number, guest: Guest): Promise<boolean> {
  const microseconds = String(Math.round(offsetMs * 1000));
  const command = slewCommand(microseconds, guest);
  if (!command) return false;
  try {
    await run(command, guest);
    return true;
  } catch (thrown) {
    if (isOfTool(thrown)) return false;
    throw thrown;
  }
}

function slewCommand(offset: string, guest: Guest): readonly [string, ...string[]] | undefined {
  const kind = kindOf('adjtimex', guest);
  if (kind === 'own') return ['adjtimex', '--singleshot', offset];
  // What is -o to busybox is --singleshot elsewhere.
  if (kind === 'busybox') return ['adjtimex', '-o', offset];
  return kindOf('busybox', guest) && ['busybox', 'adjtimex', '-o', offset];
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
