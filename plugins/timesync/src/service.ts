import type { Guest } from './linux/guest.ts';

export interface SyncOptions {
  readonly guest: Guest;
  /** Step, however small the offset is. */
  readonly force: boolean;
  /** How long a measurement is waited for. */
  readonly waitMs: number;
  readonly ntpServer: string;
  readonly signal: AbortSignal;
}

/** A time service that the guest may have. */
export interface Service {
  /** As of SyncTimeResponse's `time_source`. */
  readonly name: string;
  /**
   * Has it measure anew and correct the clock.
   * @returns the seconds that the guest was behind its source (negative: ahead of it);
   *   undefined where nothing was measured in time
   * @throws Absent, ToolFailed, ToolMissing
   */
  readonly sync: (options: SyncOptions) => Promise<number | undefined>;
}

/** The guest does not have the service, or it does not run: another one may. */
export class Absent extends Error {}

/** From this offset on a clock is stepped: to slew it would take half an hour and more. */
export const STEP_SECONDS = 1;
