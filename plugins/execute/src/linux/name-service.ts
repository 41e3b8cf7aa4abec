import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  type Account,
  type AccountSource,
  isAccountName,
  parseAccount,
  parseGroup,
  parseId,
} from '@limiquantix/plugin-sdk/guest';

const LOOKUP = { timeout: 5000, killSignal: 'SIGKILL', cwd: '/', env: { LC_ALL: 'C' } } as const;

/**
 * The guest's name service: LDAP, sssd, winbind, systemd-homed.
 * Rejects where it does not answer within 5 s.
 */
export const nameService: AccountSource = {
  async user(name: string): Promise<Account | undefined> {
    return isKey(name)
      ? parseAccount(await firstLine('/usr/bin/getent', ['passwd', name]))
      : undefined;
  },

  async group(name: string): Promise<number | undefined> {
    return isKey(name)
      ? parseGroup(await firstLine('/usr/bin/getent', ['group', name]))
      : undefined;
  },

  async groupsOf(user: string): Promise<readonly number[]> {
    const line = await firstLine('/usr/bin/id', ['-G', '--', user]);
    return (line?.split(' ') ?? []).map(parseId).filter((id) => id !== undefined);
  },
};

/** getent takes what looks like a number for an id: `0`, and ` +0` too, would be root. */
function isKey(name: string): boolean {
  return isAccountName(name) && !/^\s*[+-]?\d+$/.test(name);
}

async function firstLine(file: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(file, args, LOOKUP);
    return stdout.split('\n')[0];
  } catch (thrown) {
    const { killed } = thrown as { readonly killed?: boolean };
    if (killed) throw new Error(`${file} did not answer within ${LOOKUP.timeout / 1000} s`);
    // Not found, or a guest without this tool and so without such a name service.
    return undefined;
  }
}
