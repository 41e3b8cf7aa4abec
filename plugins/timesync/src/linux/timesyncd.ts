import { Absent, type SyncOptions } from '../service.ts';
import { until } from '../until.ts';
import type { Guest } from './guest.ts';
import { ifPossible, orAbsent, run } from './tool.ts';

const UNIT = 'systemd-timesyncd.service';
const ASK_MS = 300;
const MESSAGE = [
  'org.freedesktop.timesync1',
  '/org/freedesktop/timesync1',
  'org.freedesktop.timesync1.Manager',
  'NTPMessage',
] as const;

/** It measures when it starts, steps from 0.4 s on and slews below: nobody can tell it to. */
export async function syncWithTimesyncd(options: SyncOptions): Promise<number | undefined> {
  const { guest, waitMs, signal } = options;
  if (!guest.systemdRuns()) throw new Absent('systemd does not run');
  await orAbsent(run(['systemctl', 'try-restart', UNIT], guest));
  if (!(await active(guest))) {
    await orAbsent(run(['timedatectl', 'set-ntp', 'true'], guest));
    if (!(await active(guest))) throw new Absent('timedatectl set-ntp started another service');
  }
  return until(() => measured(guest), { waitMs, everyMs: ASK_MS, signal });
}

async function active(guest: Guest): Promise<boolean> {
  return (await ifPossible(run(['systemctl', 'is-active', UNIT], guest))) !== undefined;
}

/** Undefined as long as it has no answer of a server, or is not yet to be asked. */
async function measured(guest: Guest): Promise<number | undefined> {
  const text = await ifPossible(run(['busctl', 'get-property', ...MESSAGE], guest));
  return text === undefined ? undefined : offsetOf(text);
}

/**
 * @param property the signature `(uuuuittayttttbtt)`, then leap, version, mode, stratum,
 *   precision, root delay and dispersion, the reference (its length first), the four
 *   timestamps in microseconds, whether the answer was ignored, how many there were, jitter
 * @returns seconds; undefined where there was no answer
 */
export function offsetOf(property: string): number | undefined {
  const tokens = property.trim().split(/\s+/);
  const [ignored, count] = tokens.slice(-3);
  const stamps = tokens.slice(-7, -3).map(Number);
  const [sent = 0, received = 0, answered = 0, arrived = 0] = stamps;
  if (tokens[0] !== '(uuuuittayttttbtt)' || ignored !== 'false') return undefined;
  if (!(Number(count) > 0) || !stamps.every((stamp) => stamp > 0)) return undefined;
  return (received - sent + (answered - arrived)) / 2 / 1e6;
}
