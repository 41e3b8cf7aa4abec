import { existsSync } from 'node:fs';
import type { RunTool } from '@limiquantix/plugin-sdk/guest';
import { noServiceManager } from '../errors.ts';
import type { ServiceManager } from '../manager.ts';
import { OpenRc } from './openrc/openrc.ts';
import { Systemd } from './systemd/systemd.ts';

/**
 * What runs this guest, which need not be all that is installed.
 * @param root of the guest's filesystem
 * @throws AgentError SYSTEMCTL_NOT_FOUND
 */
export function findManager(run: RunTool, root = ''): ServiceManager {
  // As sd_booted(3) finds out.
  if (existsSync(`${root}/run/systemd/system`)) return new Systemd(run);
  // The runlevel that it booted; to install OpenRC makes the directory alone.
  if (existsSync(`${root}/run/openrc/softlevel`)) return new OpenRc(run, root);
  throw noServiceManager();
}
