import { definePlugin, on, type Plugin, SyncTime } from '@limiquantix/plugin-sdk';
import { type Guest, thisGuest } from './linux/guest.ts';
import { TimeSync, type TimesyncConfig } from './sync-time.ts';

export type { TimesyncConfig } from './sync-time.ts';

/** @param guest another than this one, for tests */
export function timesync(guest: Guest = thisGuest()): Plugin<TimesyncConfig> {
  return definePlugin<TimesyncConfig>(({ config, log }) => {
    const time = new TimeSync({ config, guest, log });
    return { handlers: [on(SyncTime, (request, call) => time.sync(request, call))] };
  });
}
