// Every failure that this plugin answers with.
import { AgentError, ErrorReason } from '@limiquantix/plugin-sdk';
import type { Stop } from './deadline.ts';

interface Why {
  readonly context?: string;
  readonly resolution?: string;
  readonly cause?: unknown;
}

export function commandEmpty(): AgentError {
  return new AgentError('COMMAND_NOT_FOUND', {
    detail: 'the request names no command',
    resolution: 'Set command to a command line, or to a program together with args',
  });
}

export function commandNotFound(command: string, why: Why = {}): AgentError {
  return new AgentError('COMMAND_NOT_FOUND', { detail: quoted(command), ...why });
}

export function commandNotExecutable(command: string, why: Why = {}): AgentError {
  return new AgentError('PERMISSION_DENIED', { detail: quoted(command), ...why });
}

/** @param what says where in the request the character is */
export function commandHoldsNul(what: string): AgentError {
  return new AgentError('COMMAND_NOT_FOUND', {
    detail: `${what} contains a NUL character`,
    resolution: 'Remove the NUL character: no program can be given one',
  });
}

export function commandTooLarge(cause: unknown): AgentError {
  return new AgentError('MESSAGE_TOO_LARGE', {
    detail: 'the kernel refuses arguments and environment of this size',
    context: 'one argument or command line holds at most 128 KiB, all together about 2 MiB',
    resolution: 'Send a long script through stdin, or write it to a file first',
    cause,
  });
}

export function environmentInvalid(name: string, problem: string): AgentError {
  return new AgentError('INVALID_MESSAGE', {
    detail: `environment variable ${quoted(name)} ${problem}`,
    resolution: 'Correct the environment of the request',
  });
}

export function userNotFound(name: string, why: Why = {}): AgentError {
  return new AgentError('USER_NOT_FOUND', { detail: quoted(name), ...why });
}

export function groupNotFound(name: string, why: Why = {}): AgentError {
  return new AgentError('GROUP_NOT_FOUND', { detail: quoted(name), ...why });
}

/** @param what names the user or the program */
export function identityNotSwitched(what: string, why: Why = {}): AgentError {
  return new AgentError('SETUID_FAILED', { detail: quoted(what), ...why });
}

export function workingDirectoryUnusable(
  path: string,
  problem: string,
  cause?: unknown,
): AgentError {
  return new AgentError('WORKING_DIR_NOT_FOUND', { detail: `${quoted(path)} ${problem}`, cause });
}

export function guestExhausted(code: string, cause: unknown): AgentError {
  return new AgentError('INTERNAL_ERROR', {
    detail: `the guest has no room for another process (${code})`,
    context: 'EAGAIN: processes; ENOMEM: memory; EMFILE, ENFILE: open files; ENOSPC: /run',
    resolution: 'End processes that are not needed, or raise the limits of the agent service',
    cause,
  });
}

export function notSpawned(command: string, code: string, cause: unknown): AgentError {
  return new AgentError('INTERNAL_ERROR', {
    detail: `${quoted(command)} could not be started (${code})`,
    cause,
  });
}

/** Not thrown: it is sent beside the output that the command left. */
export function stopped(stop: Stop, timeoutMs: number): AgentError {
  return new AgentError('EXECUTION_TIMEOUT', {
    detail:
      stop === 'timed out'
        ? `killed after ${timeoutMs / 1000} s`
        : 'killed because the request was cancelled',
    reason: stop === 'timed out' ? undefined : ErrorReason.CANCELLED,
  });
}

const MAX_QUOTED_CHARS = 200;

/** A host's own text as part of a message: escaped, and cut so that a message stays one. */
function quoted(text: string): string {
  const whole = text.length <= MAX_QUOTED_CHARS;
  return JSON.stringify(whole ? text : `${text.slice(0, MAX_QUOTED_CHARS)}...`);
}
