// Every failure that this plugin answers with.
import { AgentError, ErrorReason } from '@limiquantix/plugin-sdk';

export function noServiceManager(): AgentError {
  return new AgentError('SYSTEMCTL_NOT_FOUND', {
    detail: 'neither systemd nor OpenRC runs this guest',
    resolution: 'Control its services in the way of this guest, through execute',
  });
}

export function managerFailed(command: string, output: string): AgentError {
  return new AgentError('INTERNAL_ERROR', {
    detail: `${command} failed`,
    context: shortened(output),
    resolution: 'Run the command in the guest, and look at the state of its service manager',
  });
}

export function nameInvalid(name: string): AgentError {
  return new AgentError('SERVICE_NOT_FOUND', {
    detail: `${quoted(name)} is not the name of a service`,
    context: 'letters, digits and : _ . @ \\ - up to 255 in all, not beginning with - or .',
    resolution: 'Use a name that a listing shows',
  });
}

export function serviceNotFound(name: string): AgentError {
  return new AgentError('SERVICE_NOT_FOUND', {
    detail: name,
    resolution: 'List the services with include_disabled to see all that are installed',
  });
}

export function isTemplate(name: string): AgentError {
  return new AgentError('SERVICE_NOT_FOUND', {
    detail: `${name} is a template: only enable and disable take it`,
    resolution: `Name an instance, such as ${name.replace('@.', '@name.')}`,
  });
}

export function actionUnknown(action: number): AgentError {
  return new AgentError('INVALID_MESSAGE', {
    detail: `service action ${action} does not exist`,
    resolution: 'Use start, stop, restart, enable, disable or status',
  });
}

export function agentsOwn(name: string, action: string): AgentError {
  return new AgentError('SERVICE_STOP_FAILED', {
    detail: `${name} is the guest agent's own service, and cannot be asked to ${action} itself`,
    context: 'the answer would be lost, and with it the only way to reach the guest',
    resolution: 'Update the agent to replace it, or restart the guest',
    reason: ErrorReason.DENIED,
  });
}

export function alreadyRunning(name: string): AgentError {
  return new AgentError('SERVICE_ALREADY_RUNNING', { detail: name });
}

export function notRunning(name: string): AgentError {
  return new AgentError('SERVICE_NOT_RUNNING', { detail: name });
}

/** @param lines what the service or its manager had to say */
export function notStarted(name: string, why: string, lines: string): AgentError {
  return new AgentError('SERVICE_START_FAILED', {
    detail: `${name}: ${firstLine(why)}`,
    context: shortened(lines),
  });
}

/** @param lines what the service or its manager had to say */
export function notStopped(name: string, why: string, lines: string): AgentError {
  return new AgentError('SERVICE_STOP_FAILED', {
    detail: `${name}: ${firstLine(why)}`,
    context: shortened(lines),
  });
}

const MAX_QUOTED_CHARS = 200;
const MAX_CONTEXT_CHARS = 2000;

/** A host's own text as part of a message: escaped, and cut so that a message stays one. */
function quoted(text: string): string {
  const whole = text.length <= MAX_QUOTED_CHARS;
  return JSON.stringify(whole ? text : `${text.slice(0, MAX_QUOTED_CHARS)}...`);
}

function firstLine(text: string): string {
  return printable(text.trim().split('\n', 1)[0] as string).slice(0, MAX_QUOTED_CHARS);
}

/** The end says what went wrong last. Undefined where there is nothing to say. */
function shortened(text: string): string | undefined {
  return printable(text).trim().slice(-MAX_CONTEXT_CHARS) || undefined;
}

/** A service logs what it likes, escape sequences for terminals too. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is removed
  return text.replace(/\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]/g, '');
}
