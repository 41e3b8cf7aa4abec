import { statSync } from 'node:fs';
import type { AccountNames } from '@limiquantix/plugin-sdk/guest';
import { readProc, readProcLink, unlessGone } from './proc-file.ts';

const MAX_COMMAND_LINE_BYTES = 4096;

/** The arguments with blanks between them; empty where there are none, or they are hidden. */
export function readCommandLine(pid: number): string {
  const bytes = readProc(`/proc/${pid}/cmdline`, MAX_COMMAND_LINE_BYTES) ?? Buffer.alloc(0);
  const text = bytes.toString();
  // The limit may have cut a character: what is left of it is one U+FFFD.
  const whole = bytes.length === MAX_COMMAND_LINE_BYTES ? text.replace(/\ufffd$/, '') : text;
  // A process that renamed itself leaves the rest of the space as NULs.
  return whole.replace(/\0+$/, '').replaceAll('\0', ' ');
}

/** Empty where it is hidden; with ` (deleted)` behind it where it is no longer there. */
export function readWorkingDirectory(pid: number): string {
  return readProcLink(`/proc/${pid}/cwd`) ?? '';
}

/** Whose rights it has; undefined where it has gone. */
export function readUser(pid: number, accounts: AccountNames): string | undefined {
  const stat = unlessGone(() => statSync(`/proc/${pid}`, { throwIfNoEntry: false }));
  return stat && accounts.user(stat.uid);
}
