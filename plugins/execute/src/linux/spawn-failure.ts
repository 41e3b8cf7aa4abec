import type { AgentError } from '@limiquantix/plugin-sdk';
import {
  commandNotExecutable,
  commandNotFound,
  commandTooLarge,
  guestExhausted,
  identityNotSwitched,
  notSpawned,
} from '../errors.ts';
import type { Launch } from './launch.ts';

/** What kept a resolved program from starting, as the kernel names it. */
export function spawnFailure(launch: Launch, thrown: unknown): AgentError {
  const { code = 'unknown' } = thrown as NodeJS.ErrnoException;
  const command = launch.executes ?? launch.file;
  switch (code) {
    case 'ENOENT':
      return commandNotFound(command, {
        context: 'the file is gone, or the interpreter that it names does not exist',
        cause: thrown,
      });
    case 'EACCES':
    case 'ETXTBSY':
    case 'ENOEXEC':
      return commandNotExecutable(command, {
        context: `it cannot be executed (${code})`,
        cause: thrown,
      });
    case 'EPERM':
    case 'EINVAL':
      return launch.uid === undefined
        ? notSpawned(command, code, thrown)
        : identityNotSwitched(`user id ${launch.uid}`, {
            context: `the kernel refused it (${code})`,
            cause: thrown,
          });
    case 'E2BIG':
      return commandTooLarge(thrown);
    case 'EAGAIN':
    case 'ENOMEM':
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOSPC':
      return guestExhausted(code, thrown);
    default:
      return notSpawned(command, code, thrown);
  }
}
