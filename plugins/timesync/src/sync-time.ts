import {
  type Call,
  type Init,
  type Logger,
  type SyncTimeRequest,
  type SyncTimeResponse,
  timestampOf,
} from '@limiquantix/plugin-sdk';
import { noTimeService, notMeasured, serviceFailed } from './errors.ts';
import { syncWithChrony } from './linux/chrony.ts';
import type { Guest } from './linux/guest.ts';
import { syncWithNtpd } from './linux/ntpd.ts';
import { syncWithTimesyncd } from './linux/timesyncd.ts';
import { isOfTool } from './linux/tool.ts';
import { Absent, type Service, type SyncOptions } from './service.ts';
import { setByHost } from './set-by-host.ts';

/** The plugin's settings, as its manifest describes them. */
export interface TimesyncConfig {
  /** How long a time service may take to measure. */
  readonly wait_secs: number;
  /** Asked where the guest has a client, but no ntpd that knows a server. */
  readonly ntp_server: string;
}

export interface TimeSyncOptions {
  readonly config: TimesyncConfig;
  readonly guest: Guest;
  readonly log: Logger;
}

/** In the order in which they are looked for; the first that is there decides. */
const SERVICES: readonly Service[] = [
  { name: 'chrony', sync: syncWithChrony },
  { name: 'systemd-timesyncd', sync: syncWithTimesyncd },
  { name: 'ntpd', sync: syncWithNtpd },
];

/** Answers sync_time requests, one after the other: there is one clock. */
export class TimeSync {
  readonly #options: TimeSyncOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: TimeSyncOptions) {
    this.#options = options;
  }

  /** @throws AgentError TIME_SYNC_FAILED */
  async sync(
    request: SyncTimeRequest,
    call: Pick<Call, 'receivedAt' | 'signal'>,
  ): Promise<Init<SyncTimeResponse>> {
    const turn = this.#turn.then(() => {
      call.signal.throwIfAborted();
      return this.#sync(request, call);
    });
    this.#turn = turn.catch(() => undefined);
    const { offsetSeconds, timeSource } = await turn;
    const { guest, log } = this.#options;
    log.info('time synchronised', { offset_seconds: offsetSeconds, time_source: timeSource });
    return { success: true, offsetSeconds, timeSource, currentTime: timestampOf(guest.wall()) };
  }

  async #sync(
    { force, setTime }: SyncTimeRequest,
    { receivedAt, signal }: Pick<Call, 'receivedAt' | 'signal'>,
  ): Promise<Synchronised> {
    const { config, guest, log } = this.#options;
    if (setTime) {
      const offsetSeconds = await setByHost({ setTime, receivedAt, force }, { guest, log });
      return { offsetSeconds, timeSource: 'manual' };
    }
    const waitMs = config.wait_secs * 1000;
    return syncByService({ guest, force, waitMs, ntpServer: config.ntp_server, signal });
  }
}

interface Synchronised {
  /** How far the guest was behind, when it was measured. */
  readonly offsetSeconds: number;
  readonly timeSource: string;
}

async function syncByService(options: SyncOptions): Promise<Synchronised> {
  const tried: string[] = [];
  for (const { name, sync } of SERVICES) {
    try {
      const offsetSeconds = await sync(options);
      if (offsetSeconds === undefined) throw notMeasured(name, options.waitMs);
      return { offsetSeconds, timeSource: name };
    } catch (thrown) {
      if (isOfTool(thrown)) throw serviceFailed(name, thrown.message);
      if (!(thrown instanceof Absent)) throw thrown;
      tried.push(`${name}: ${thrown.message}`);
    }
  }
  throw noTimeService(tried);
}
