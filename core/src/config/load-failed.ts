import { AgentError } from '@limiquantix/agent-proto';

/** The file cannot be read, trusted or parsed. */
export function loadFailed(detail: string, cause?: unknown, resolution?: string): AgentError {
  return new AgentError('CONFIG_LOAD_FAILED', { detail, cause, resolution });
}
