import { type Logger, type Timestamp, timestampMs } from '@limiquantix/plugin-sdk';
import { clockElsewhere, clockNotSet, timeAbsurd } from './errors.ts';
import { setHardwareClock, stepClock } from './linux/clock.ts';
import type { Guest } from './linux/guest.ts';
import { isOfTool } from './linux/tool.ts';
import { STEP_SECONDS } from './service.ts';

export interface HostTime {
  readonly setTime: Timestamp;
  /** When it arrived: monotonic milliseconds, as of `performance.now()`. */
  readonly receivedAt: number;
  /** Step, however small the offset is. */
  readonly force: boolean;
}

const EARLIEST_MS = Date.UTC(2000, 0);
const LATEST_MS = Date.UTC(2100, 0);
/** A host's time is not known better than that: it was under way. */
const NEGLIGIBLE_MS = 50;

/**
 * Sets the clock to what the host says, and to the time that has passed since it said so.
 * @returns the seconds that the guest was behind; negative: ahead
 * @throws AgentError TIME_SYNC_FAILED
 */
export async function setByHost(
  { setTime, receivedAt, force }: HostTime,
  { guest, log }: { guest: Guest; log: Logger },
): Promise<number> {
  const sentMs = timestampMs(setTime);
  if (!(sentMs >= EARLIEST_MS && sentMs < LATEST_MS)) throw timeAbsurd(setTime.seconds);
  const hostNow = () => sentMs + performance.now() - receivedAt;
  const offsetMs = hostNow() - guest.wall();
  try {
    await correct(hostNow, { offsetMs, force, guest });
  } catch (thrown) {
    if (isOfTool(thrown)) throw clockNotSet(thrown.message);
    throw thrown;
  }
  await setHardwareClock(guest).catch((why) => log.warn(`the hardware clock is as it was: ${why}`));
  return offsetMs / 1000;
}

interface Correction {
  readonly offsetMs: number;
  readonly force: boolean;
  readonly guest: Guest;
}

async function correct(hostNow: () => number, { offsetMs, force, guest }: Correction) {
  const size = Math.abs(offsetMs);
  if (!force && size < NEGLIGIBLE_MS) return;
  const slew = !force && size <= STEP_SECONDS * 1000;
  if (slew && guest.slewClock(offsetMs)) return;
  await stepClock(hostNow, guest);
  const remainingMs = hostNow() - guest.wall();
  if (Math.abs(remainingMs) > STEP_SECONDS * 1000) throw clockElsewhere(remainingMs);
}
