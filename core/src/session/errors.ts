import { AgentError, ErrorSeverity } from '@limiquantix/agent-proto';
import type { FrameFault } from '@limiquantix/agent-proto/frame';

/** A payload that is no request of a host. */
export function unknownType(field: number): AgentError {
  return new AgentError('UNKNOWN_MESSAGE_TYPE', { detail: `payload ${field} is not a request` });
}

/** Why bytes were not taken as a message. */
export function faultError(kind: FrameFault['kind'], length: number, limit: number): AgentError {
  switch (kind) {
    case 'empty':
      return new AgentError('INVALID_MESSAGE', { detail: 'a frame of length 0' });
    case 'too-large':
      return new AgentError('MESSAGE_TOO_LARGE', {
        detail: `a frame of ${length} bytes, ${limit} are allowed`,
      });
    case 'lost':
      return new AgentError('INVALID_MESSAGE', { detail: 'no message where a frame should begin' });
  }
}

/** The event form of an error. */
export function errorEvent(
  error: AgentError,
  severity: number = ErrorSeverity.ERROR,
): { severity: number; code: string; message: string; details: Record<string, string> } {
  const details: Record<string, string> = { name: error.name, resolution: error.resolution };
  if (error.context) details.context = error.context;
  return { severity, code: error.codeString, message: error.message, details };
}
