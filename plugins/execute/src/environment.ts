import type { Account } from '@limiquantix/plugin-sdk/guest';
import { environmentInvalid } from './errors.ts';

// As login.defs(5) has them.
const ROOT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const USER_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * A command's whole environment: that of its user, with the host's variables over it and
 * nothing of the agent's own.
 */
export function environmentOf(
  { name, uid, home, shell }: Account,
  requested: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: uid === 0 ? ROOT_PATH : USER_PATH,
    HOME: home,
    USER: name,
    LOGNAME: name,
    SHELL: shell,
    LANG: 'C.UTF-8',
  };
  for (const [variable, value] of Object.entries(requested)) {
    if (variable === '') throw environmentInvalid(variable, 'has no name');
    if (variable.includes('=')) throw environmentInvalid(variable, 'has a name that contains "="');
    if (`${variable}${value}`.includes('\0')) {
      throw environmentInvalid(variable, 'contains a NUL character');
    }
    // Defined, not assigned: a variable may be called `__proto__`.
    Object.defineProperty(environment, variable, { value, enumerable: true, writable: true });
  }
  return environment;
}
