// Every failure that this plugin answers with.
import { AgentError, ErrorReason } from '@limiquantix/plugin-sdk';

/** @param tried what was looked for, and why it is not there */
export function noTimeService(tried: readonly string[]): AgentError {
  return new AgentError('TIME_SYNC_FAILED', {
    detail: 'the guest has no time service that runs',
    context: tried.join('; '),
    resolution: 'Install and start chrony in the guest, or send set_time',
    reason: ErrorReason.UNSUPPORTED,
  });
}

/** @param words of the service's own tools */
export function serviceFailed(service: string, words: string): AgentError {
  return new AgentError('TIME_SYNC_FAILED', {
    detail: `${service} could not do it`,
    context: words,
    resolution: `See the log of ${service} in the guest`,
  });
}

export function notMeasured(service: string, waitMs: number): AgentError {
  return new AgentError('TIME_SYNC_FAILED', {
    detail: `${service} measured nothing within ${waitMs / 1000} s`,
    resolution: 'Check that the guest reaches its time servers, or send set_time',
  });
}

export function timeAbsurd(seconds: number): AgentError {
  return new AgentError('TIME_SYNC_FAILED', {
    detail: `set_time is ${seconds} s after 1970, which is not between 2000 and 2100`,
    resolution: "Check the host's clock",
    reason: ErrorReason.INVALID,
  });
}

export function clockNotSet(why: string): AgentError {
  return new AgentError('TIME_SYNC_FAILED', {
    detail: 'the clock could not be set',
    context: why,
    resolution: 'The agent needs CAP_SYS_TIME',
  });
}

/** @param remainingMs after the clock was set */
export function clockElsewhere(remainingMs: number): AgentError {
  return new AgentError('TIME_SYNC_FAILED', {
    detail: `the clock was set, and is ${remainingMs / 1000} s off all the same`,
    resolution: 'Something else sets it too: look for a second time service in the guest',
  });
}
