import { randomUUID } from 'node:crypto';
import type { QuiesceRequest } from '@limiquantix/plugin-sdk';
import type { Freeze } from './freeze.ts';
import { type PinnedSelection, pinSelection } from './linux/pin-selection.ts';
import { unpin } from './linux/pinned.ts';
import { bootId, type FreezeRecord, type RecordFile } from './linux/record.ts';

/** A freeze with all that belongs to it: from a quiesce to the end of the post-thaw scripts. */
export interface Run {
  readonly token: string;
  readonly seconds: number;
  readonly selection: PinnedSelection;
  readonly record: FreezeRecord;
  readonly ended: PromiseWithResolvers<void>;
  freeze?: Freeze;
  /** Whether the quiesce succeeded. */
  frozen: boolean;
  skipPostThaw: boolean;
}

const DEFAULT_SECONDS = 60;

/**
 * Finds what is to be frozen, and notes it for an agent that may come after a crash.
 * @throws AgentError QUIESCE_FAILED
 */
export async function beginRun(
  { mountPoints, timeoutSeconds, skipScripts }: QuiesceRequest,
  maxSeconds: number,
  records: RecordFile,
): Promise<Run> {
  const selection = await pinSelection(mountPoints);
  const record = {
    boot_id: bootId(),
    freeze_id: randomUUID(),
    filesystems: selection.filesystems.map(({ mount }) => ({
      mount_point: mount.mountPoint,
      device_number: mount.deviceNumber,
    })),
    skip_scripts: skipScripts,
    post_thaw_done: [],
  };
  try {
    records.write(record);
  } catch (thrown) {
    selection.filesystems.forEach(unpin);
    throw thrown;
  }
  return {
    token: randomUUID(),
    seconds: Math.min(timeoutSeconds || DEFAULT_SECONDS, maxSeconds),
    selection,
    record,
    ended: Promise.withResolvers<void>(),
    frozen: false,
    skipPostThaw: false,
  };
}

/** How it ended, for whoever thaws after that. */
export function endOf({ freeze, frozen, seconds }: Run): string {
  if (!freeze || !frozen) return 'the last quiesce failed; what it had frozen was thawed';
  if (!freeze.expired) return 'the filesystems were thawed';
  return freeze.durationMs < seconds * 1000
    ? 'the filesystems were thawed early: the process that guards them ended'
    : `the filesystems were thawed by themselves: the time limit of ${seconds} s was over`;
}
