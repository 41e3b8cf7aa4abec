// Every failure that this plugin answers with.
import { AgentError, ErrorReason } from '@limiquantix/plugin-sdk';

interface Why {
  readonly context?: string;
  readonly resolution?: string;
  readonly reason?: ErrorReason;
  readonly cause?: unknown;
}

export function quiesceFailed(detail: string, why: Why = {}): AgentError {
  return new AgentError('QUIESCE_FAILED', { detail, ...why });
}

export function notAMountPoint(path: string, problem = 'is not a mount point'): AgentError {
  return quiesceFailed(`${quoted(path)} ${problem}`, {
    resolution: 'Name mount points as the guest has them (findmnt), or none for all filesystems',
    reason: ErrorReason.INVALID,
  });
}

export function tooManyMountPoints(limit: number): AgentError {
  return quiesceFailed(`more than ${limit} filesystems`, {
    resolution: 'Name the mount points that matter for the snapshot',
    reason: ErrorReason.INVALID,
  });
}

export function diskSilent(mountPoint: string): AgentError {
  return quiesceFailed(`${quoted(mountPoint)} does not answer`, {
    resolution: 'Look for a network filesystem above it whose server is gone',
  });
}

export function toolMissing(tool: string): AgentError {
  return quiesceFailed(`${tool} is not installed`, {
    resolution: `Install the package that has ${tool}: util-linux, coreutils or busybox`,
    reason: ErrorReason.UNSUPPORTED,
  });
}

export function frozenByOthers(mountPoint: string): AgentError {
  return quiesceFailed(`${quoted(mountPoint)} is frozen already, by another program`, {
    context: 'this agent did not freeze it and does not thaw it',
    resolution: `Thaw it in the guest once that program is done: fsfreeze -u ${mountPoint}`,
    reason: ErrorReason.CONFLICT,
  });
}

export function notFrozenInTime(mountPoint: string, seconds: number): AgentError {
  return quiesceFailed(`${quoted(mountPoint)} was not frozen within ${seconds} s`, {
    context: 'its data is still being written; it is thawed as soon as the kernel lets go of it',
    resolution: 'Allow more time with timeout_seconds, or look for what is wrong with its disk',
  });
}

export function notFrozen(mountPoint: string, error: string): AgentError {
  return quiesceFailed(`${quoted(mountPoint)}: ${error}`, {
    resolution: 'Look for what is wrong with this filesystem: dmesg in the guest',
  });
}

export function recordNotWritten(path: string, cause: unknown): AgentError {
  return quiesceFailed(`${path} cannot be written: ${(cause as Error).message}`, {
    context: 'without it an agent that is started again would not know what is frozen',
    cause,
  });
}

export function notQuiet(seconds: number): AgentError {
  return quiesceFailed(`a plugin did not stop writing within ${seconds} s`, {
    resolution: 'Look at the plugins that tap the freezing hook; disable the one that hangs',
  });
}

export function cancelled(): AgentError {
  return quiesceFailed('the request was cancelled or thawed, or the agent stops', {
    reason: ErrorReason.CANCELLED,
  });
}

export function scriptFailed(name: string, problem: string, output: string): AgentError {
  return quiesceFailed(`the pre-freeze script ${quoted(name)} ${problem}`, {
    context: output === '' ? 'it printed nothing' : `its output: ${output}`,
    resolution: 'Correct the script, or quiesce with skip_scripts',
  });
}

export function alreadyQuiesced(detail: string): AgentError {
  return new AgentError('ALREADY_QUIESCED', { detail });
}

export function notQuiesced(detail: string): AgentError {
  return new AgentError('NOT_QUIESCED', { detail });
}

export function wrongToken(): AgentError {
  return new AgentError('THAW_FAILED', {
    detail: 'quiesce_token is not that of this freeze',
    resolution: 'Use the token of the last quiesce, or none to thaw whatever is frozen',
    reason: ErrorReason.CONFLICT,
  });
}

export function notAmongFrozen(mountPoint: string): AgentError {
  return new AgentError('THAW_FAILED', {
    detail: `${quoted(mountPoint)} is not among the frozen filesystems`,
    resolution: 'Name mount points as quiesce answered them, or none to thaw all',
    reason: ErrorReason.CONFLICT,
  });
}

export function notThawed(mountPoints: readonly string[], why: string): AgentError {
  return new AgentError('THAW_FAILED', {
    detail: `${mountPoints.map(quoted).join(', ')}: ${why}`,
    context: 'the agent goes on trying',
    resolution: 'Thaw it in the guest: fsfreeze -u MOUNT_POINT; if that hangs, look at its disk',
  });
}

const MAX_QUOTED_CHARS = 200;

/** A host's own text as part of a message: escaped, and cut so that a message stays one. */
function quoted(text: string): string {
  const whole = text.length <= MAX_QUOTED_CHARS;
  return JSON.stringify(whole ? text : `${text.slice(0, MAX_QUOTED_CHARS)}...`);
}
