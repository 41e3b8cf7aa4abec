import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { passwordToolMissing } from '../errors.ts';
import { type Command, installed } from './command.ts';
import type { Guest } from './guest.ts';

/** Busybox may be built for DES, which looks at the first eight characters only. */
const BUSYBOX_HASH = ['-c', 'sha512'] as const;

/**
 * What takes `name:password` on its standard input.
 * @throws AgentError where the guest has nothing of the kind
 */
export function passwordSetter(guest: Guest): Command {
  const chpasswd = installed('chpasswd', guest);
  if (chpasswd) return { program: chpasswd, args: isBusybox(chpasswd) ? BUSYBOX_HASH : [] };
  const busybox = installed('busybox', guest);
  if (busybox) return { program: busybox, args: ['chpasswd', ...BUSYBOX_HASH] };
  throw passwordToolMissing('chpasswd', 'passwd (Debian), shadow-utils (RHEL) or shadow (Alpine)');
}

/**
 * What makes the user choose another password at the next login.
 * @throws AgentError where the guest has nothing of the kind
 */
export function passwordExpirer(user: string, guest: Guest): Command {
  const chage = installed('chage', guest);
  if (chage) return { program: chage, args: ['-d', '0', '--', user] };
  const passwd = installed('passwd', guest);
  // Busybox's has no such option.
  if (passwd && !isBusybox(passwd)) return { program: passwd, args: ['-e', '--', user] };
  throw passwordToolMissing(
    'chage to make a password expire',
    'passwd (Debian), shadow-utils (RHEL) or shadow (Alpine)',
  );
}

function isBusybox(path: string): boolean {
  return basename(realpathSync(path)).startsWith('busybox');
}
