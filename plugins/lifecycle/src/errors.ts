// Every failure that this plugin answers with.
import { AgentError, ErrorReason } from '@limiquantix/plugin-sdk';
import type { PowerAction } from './power-action.ts';

interface Why {
  readonly context?: string | undefined;
  readonly resolution?: string | undefined;
  readonly reason?: ErrorReason;
  readonly cause?: unknown;
}

export function shutdownTypeUnknown(type: number): AgentError {
  return new AgentError('SHUTDOWN_FAILED', {
    detail: `${type} is no type of shutdown`,
    resolution: 'Use 0 (power off), 1 (reboot) or 2 (halt)',
    reason: ErrorReason.INVALID,
  });
}

export function delayTooLong(action: PowerAction, seconds: number, maximum: number): AgentError {
  return failed(action, {
    detail: `a delay of ${seconds} s`,
    context: `at most ${maximum} s (${maximum / 86_400} days) are kept in mind`,
    resolution: 'Ask for it closer to the time',
    reason: ErrorReason.INVALID,
  });
}

export function noPowerTool(action: PowerAction, tried: readonly string[]): AgentError {
  return failed(action, {
    detail: `the guest has none of ${tried.join(', ')}`,
    resolution: 'Install systemd, sysvinit or busybox in the guest',
    reason: ErrorReason.UNSUPPORTED,
  });
}

/** @param complaints what each of the tools said that were tried */
export function powerToolsFailed(action: PowerAction, complaints: readonly string[]): AgentError {
  return failed(action, {
    detail: 'the system refused',
    context: complaints.join('; '),
    resolution: 'See what the context says; the request can be repeated',
  });
}

export function calledOff(action: PowerAction, remainingMs: number): AgentError {
  return failed(action, {
    detail: `called off ${Math.ceil(remainingMs / 1000)} s before its time`,
    context: 'the agent, or its lifecycle plugin, was stopped or reloaded',
    resolution: 'Ask for it again, unless that was the intention',
    reason: ErrorReason.CANCELLED,
  });
}

export function stopping(action: PowerAction): AgentError {
  return failed(action, {
    detail: 'the agent, or its lifecycle plugin, is stopping',
    resolution: 'Repeat the request once the agent is back',
    reason: ErrorReason.CANCELLED,
  });
}

function failed(action: PowerAction, { detail, ...why }: Why & { detail: string }): AgentError {
  const name = action === 'reboot' ? 'REBOOT_FAILED' : 'SHUTDOWN_FAILED';
  return new AgentError(name, { detail, ...why });
}

export function userNameUnusable(name: string, problem: string): AgentError {
  return new AgentError('PASSWORD_RESET_FAILED', {
    detail: `the user name ${quoted(name)} ${problem}`,
    resolution: 'Name a local user of the guest',
    reason: ErrorReason.INVALID,
  });
}

export function userNotFound(name: string): AgentError {
  return new AgentError('PASSWORD_RESET_FAILED', {
    detail: `the user name ${quoted(name)} is that of nobody`,
    resolution: 'Name a local user of the guest',
    reason: ErrorReason.NOT_FOUND,
  });
}

/** @param problem never has the password in it */
export function passwordUnusable(problem: string): AgentError {
  return new AgentError('PASSWORD_RESET_FAILED', {
    detail: `the new password ${problem}`,
    resolution: 'Send 1 to 512 bytes without line breaks and NUL characters',
    reason: ErrorReason.INVALID,
  });
}

export function passwordToolMissing(what: string, packages: string): AgentError {
  return new AgentError('PASSWORD_RESET_FAILED', {
    detail: `the guest has no ${what}, so the password stays as it is`,
    resolution: `Install ${packages} in the guest`,
    reason: ErrorReason.UNSUPPORTED,
  });
}

export function passwordNotChanged(user: string, why: Why): AgentError {
  return new AgentError('PASSWORD_RESET_FAILED', {
    detail: `chpasswd refused to change the password of ${quoted(user)}`,
    ...why,
  });
}

export function passwordNotExpired(user: string, why: Why): AgentError {
  return new AgentError('PASSWORD_RESET_FAILED', {
    detail: `${quoted(user)} has the new password, but it could not be made to expire`,
    ...why,
  });
}

const MAX_QUOTED_CHARS = 64;

function quoted(text: string): string {
  return JSON.stringify(
    text.length <= MAX_QUOTED_CHARS ? text : `${text.slice(0, MAX_QUOTED_CHARS)}...`,
  );
}
