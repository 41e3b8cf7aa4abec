import {
  AgentError,
  type AnyMethod,
  type ErrorName,
  FileRead,
  FileWrite,
} from '@limiquantix/agent-proto';
import type { SecurityConfig } from '../config/config.ts';

/**
 * Refuses what a configured policy is about while this version cannot enforce it: an
 * operator who restricted something must never get an agent that ignores it.
 */
export function unenforcedDenial(
  method: AnyMethod,
  security: SecurityConfig,
): AgentError | undefined {
  if (method.limit === 'none') return undefined;
  if (security.audit_logging) return refusal('AUDIT_LOG_FAILED', 'security.audit_logging');
  if (method.limit === 'execution') {
    const keys = ['command_allowlist', 'command_blocklist'] as const;
    return refusalOfLists('COMMAND_NOT_ALLOWED', keys, security);
  }
  if (method.limit !== 'file') return undefined;
  if (method.name === FileRead.name) {
    return refusalOfLists('READ_PATH_BLOCKED', ['deny_file_read_paths'], security);
  }
  if (method.name === FileWrite.name) {
    return refusalOfLists('WRITE_PATH_BLOCKED', ['allow_file_write_paths'], security);
  }
  const keys = ['allow_file_write_paths', 'deny_file_read_paths'] as const;
  return refusalOfLists('PATH_NOT_ALLOWED', keys, security);
}

type ListKey =
  | 'command_allowlist'
  | 'command_blocklist'
  | 'allow_file_write_paths'
  | 'deny_file_read_paths';

function refusalOfLists(
  name: ErrorName,
  keys: readonly ListKey[],
  security: SecurityConfig,
): AgentError | undefined {
  const set = keys.find((key) => security[key].length > 0);
  return set && refusal(name, `security.${set}`);
}

function refusal(name: ErrorName, key: string): AgentError {
  return new AgentError(name, {
    detail: `${key} is set, and this version of the agent cannot enforce it yet`,
    resolution: `Remove ${key} from agent.yaml, or disable what it should restrict`,
  });
}
