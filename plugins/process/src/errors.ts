// Every failure that this plugin answers with.
import { AgentError, ErrorReason } from '@limiquantix/plugin-sdk';

export function signalNotAllowed(signal: number, allowed: readonly string[]): AgentError {
  return new AgentError('KILL_FAILED', {
    detail: `signal ${signal} is not sent`,
    resolution: `Send one of ${allowed.join(', ')}; 0 stands for 15`,
    reason: ErrorReason.INVALID,
  });
}

export function processProtected(pid: number, why: string): AgentError {
  return new AgentError('KILL_FAILED', {
    detail: `${pid} ${why}`,
    resolution: 'Choose another process',
    reason: ErrorReason.DENIED,
  });
}

export function alreadyDead(pid: number, parent: number): AgentError {
  return new AgentError('KILL_FAILED', {
    detail: `${pid} is a zombie: it has ended already`,
    context: `it is listed until its parent, process ${parent}, asks how it ended`,
    resolution: `End process ${parent} if the entry has to go`,
    reason: ErrorReason.CONFLICT,
  });
}

export function processNotFound(pid: number): AgentError {
  return new AgentError('PROCESS_NOT_FOUND', {
    detail: String(pid),
    resolution: 'It may have ended: list the processes again',
  });
}

export function isThread(tid: number, pid: number): AgentError {
  return new AgentError('PROCESS_NOT_FOUND', {
    detail: `${tid} is a thread of process ${pid}`,
    resolution: `A signal goes to a whole process: send it to ${pid} if that is meant`,
  });
}

export function pidReused(pid: number, name: string): AgentError {
  return new AgentError('PROCESS_NOT_FOUND', {
    detail: `another process has this pid since the listing: ${pid} is now ${JSON.stringify(name)}`,
    resolution: 'List the processes again',
  });
}

export function killFailed(pid: number, signal: number, cause: unknown): AgentError {
  const { code = 'no code' } = cause as { readonly code?: string };
  return new AgentError('KILL_FAILED', {
    detail: `${pid} cannot be sent signal ${signal} (${code})`,
    context: 'EPERM: the agent lacks CAP_KILL, or a security module of the guest forbids it',
    resolution: 'Check the rights of the agent service',
    reason: ErrorReason.DENIED,
    cause,
  });
}
