import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@limiquantix/plugin-sdk';
import { thaw } from './fsfreeze.ts';
import { readMounts } from './mounts.ts';
import { type Pinned, pin, unpin } from './pinned.ts';
import type { FreezeRecord } from './record.ts';

const ROUND_MS = 100;
const RETRY_MS = 5000;

/** Every process of a freeze has its id in its environment under this name. */
export const FREEZE_ID = 'LIMIQUANTIX_FREEZE';

/**
 * Thaws what an agent that is no more has frozen. Its guard does the same, if it lives; and
 * a process that is still freezing cannot be stopped, so this ends only when both are gone.
 */
export async function thawRecorded(record: FreezeRecord, log: Logger): Promise<void> {
  const numbers = new Set(record.filesystems.map((filesystem) => filesystem.device_number));
  const groups = Map.groupBy(readMounts(), ({ deviceNumber }) => deviceNumber);
  const pins = await Promise.all(
    [...numbers].map((deviceNumber) => {
      const [first, ...others] = groups.get(deviceNumber) ?? [];
      return first && pin({ deviceNumber, mounts: [first, ...others] });
    }),
  );
  const pinned = pins.filter((found) => found !== undefined);
  // Before other processes are looked at: to read of one that waits for a frozen disk may take as long.
  await thawAll(pinned, log);
  // Who still freezes is soon done, or hangs with its disk for long.
  for (let roundMs = ROUND_MS; ; roundMs = Math.min(2 * roundMs, RETRY_MS)) {
    const alone = !isAlive(record.freeze_id);
    const refused = await thawAll(pinned, log);
    if (alone && !refused) break;
    await pause(refused ? RETRY_MS : roundMs);
  }
  for (const filesystem of pinned) unpin(filesystem);
}

/** @returns whether the kernel did not thaw one */
async function thawAll(pinned: readonly Pinned[], log: Logger): Promise<boolean> {
  const results = await Promise.all(pinned.map((filesystem) => thaw(filesystem)));
  for (const [index, { outcome, error }] of results.entries()) {
    const { mountPoint } = (pinned[index] as Pinned).mount;
    if (outcome === 'thawed') log.warn('thawed what an earlier agent froze', { mountPoint });
    if (outcome === 'failed') log.error(`not thawed: ${error}`, { mountPoint });
  }
  return results.some(({ outcome }) => outcome === 'failed');
}

/** Whether a process of the freeze is left. */
function isAlive(freezeId: string): boolean {
  const entry = `${FREEZE_ID}=${freezeId}`;
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      return environment.split('\0').includes(entry);
    } catch {
      // It ended meanwhile, or is of the kernel.
      return false;
    }
  });
}
