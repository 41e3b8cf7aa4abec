import { existsSync } from 'node:fs';
import { AccountFiles, type AccountSource, findTool } from '@limiquantix/plugin-sdk/guest';

/** What this plugin needs of the guest. */
export interface Guest {
  /**
   * Where a program is.
   * @throws ToolMissing
   */
  readonly findTool: (program: string) => string;
  /** Whether systemd is what started the guest, as of sd_booted(3). */
  readonly systemdRuns: () => boolean;
  readonly accounts: Pick<AccountSource, 'user'>;
}

/** The guest that the agent runs in. */
export function thisGuest(): Guest {
  return {
    findTool,
    systemdRuns: () => existsSync('/run/systemd/system'),
    accounts: new AccountFiles(),
  };
}
