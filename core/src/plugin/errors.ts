import { AgentError, ErrorReason } from '@limiquantix/agent-proto';
import type { InstalledPlugin } from './discover.ts';
import { Skipped } from './generation.ts';

/** Why a plugin does not run, of whatever it threw: that may say nothing of whose it is. */
export function failureOf({ name }: InstalledPlugin, thrown: unknown): AgentError {
  if (AgentError.is(thrown)) return thrown;
  if (thrown instanceof Skipped) {
    return new AgentError('UNKNOWN_MESSAGE_TYPE', {
      detail: `the plugin ${name} does not run on this guest: ${thrown.message}`,
      resolution: 'Nothing to do, unless the guest should have what the plugin needs',
    });
  }
  return new AgentError('INTERNAL_ERROR', {
    detail: `the plugin ${name} failed: ${textOf(thrown)}`,
    resolution: 'Correct the plugin and reload it',
    cause: thrown,
  });
}

export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Where it was thrown, for the log; undefined where its text says it all. */
export function stackOf(thrown: unknown): string | undefined {
  const cause = AgentError.is(thrown) ? thrown.cause : thrown;
  return cause instanceof Error ? cause.stack : undefined;
}

/** Nobody answers a method of a plugin's own. */
export function unanswered(plugin: string, method: string, why: string): AgentError {
  return new AgentError('UNKNOWN_MESSAGE_TYPE', {
    detail: `nobody answers ${plugin}.${method}: ${why}`,
    resolution: 'Ask list_plugins which plugins run, and how the others failed',
  });
}

/** A request has one owner: the plugin that was there first. */
export function answeredAlready(
  owner: InstalledPlugin,
  other: InstalledPlugin,
  methods: readonly string[],
): AgentError {
  return new AgentError('CONFIG_INVALID', {
    detail: `the plugin ${owner.name} answers ${methods.join(', ')} already`,
    resolution: `Disable one of ${owner.name} and ${other.name}`,
  });
}

/** A plugin is not to be changed in this way. */
export function refused(detail: string, reason: ErrorReason): AgentError {
  return new AgentError('CONFIG_INVALID', {
    detail,
    reason,
    resolution: 'Ask list_plugins for the plugins; SIGHUP has the agent look for new ones',
  });
}

/** The guest's configuration is not the host's to change. */
export function disabledByGuest(name: string): AgentError {
  return new AgentError('CONFIG_INVALID', {
    detail: `${name} is disabled by the configuration of the guest`,
    reason: ErrorReason.DENIED,
    resolution:
      'In agent.yaml remove what disables it (plugins, disabled_capabilities), then reload the agent',
  });
}
