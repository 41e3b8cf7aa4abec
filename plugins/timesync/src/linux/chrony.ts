import { STEP_SECONDS, type SyncOptions } from '../service.ts';
import { until } from '../until.ts';
import type { Guest } from './guest.ts';
import { ifPossible, orAbsent, run, ToolFailed } from './tool.ts';

/** What `chronyc tracking` says. */
export interface Tracking {
  /** When it last measured, on the guest's clock. */
  readonly measuredAt: string;
  /** What the guest is behind and chronyd has not corrected yet; negative: ahead. */
  readonly offsetSeconds: number;
  readonly synchronised: boolean;
}

/** Two good answers of each server, out of four at the most. */
const BURST = '2/4';
const ASK_MS = 300;

/** chronyd slews small offsets by itself, and is told to step larger ones. */
export async function syncWithChrony(options: SyncOptions): Promise<number | undefined> {
  const { guest, force, waitMs, signal } = options;
  const before = await orAbsent(tracking(guest));
  // A source that is no server, such as a hardware clock, is measured without being asked.
  await ifPossible(chronyc(guest, 'burst', BURST));
  const ask = { waitMs, everyMs: ASK_MS, signal };
  const found =
    (await until(() => settledSince(before, guest), ask)) ?? (await since(before, guest));
  if (found && (force || Math.abs(found.offsetSeconds) > STEP_SECONDS)) await step(guest);
  return found?.offsetSeconds;
}

/** As {@link since}, once no server is asked any more whose answer could change it. */
async function settledSince(before: Tracking, guest: Guest): Promise<Tracking | undefined> {
  const [, , online, offline] = fields(await chronyc(guest, 'activity'));
  const bursting = Number(online) + Number(offline);
  return bursting > 0 ? undefined : since(before, guest);
}

/** A measurement that is new. */
async function since(before: Tracking, guest: Guest): Promise<Tracking | undefined> {
  const now = await tracking(guest);
  return now.synchronised && now.measuredAt !== before.measuredAt ? now : undefined;
}

async function step(guest: Guest): Promise<void> {
  await chronyc(guest, 'makestep');
  const { offsetSeconds } = await tracking(guest);
  if (Math.abs(offsetSeconds) <= STEP_SECONDS) return;
  throw new ToolFailed(`chronyc: still ${offsetSeconds} s off after makestep`);
}

async function tracking(guest: Guest): Promise<Tracking> {
  const text = await chronyc(guest, 'tracking');
  const found = parseTracking(text);
  if (!found) throw new ToolFailed(`chronyc: tracking is not understood: ${text.slice(0, 100)}`);
  return found;
}

function chronyc(guest: Guest, ...command: string[]): Promise<string> {
  return run(['chronyc', '-n', '-c', ...command], guest);
}

/** @param csv reference, name, stratum, reference time, offset, ... leap status */
export function parseTracking(csv: string): Tracking | undefined {
  const [, , , measuredAt, offset, ...rest] = fields(csv);
  const offsetSeconds = Number(offset);
  const leap = rest.at(-1);
  if (!measuredAt || !offset || !leap || !Number.isFinite(offsetSeconds)) return undefined;
  return { measuredAt, offsetSeconds, synchronised: leap !== 'Not synchronised' };
}

function fields(csv: string): string[] {
  return csv.trim().split(',');
}
