import { AgentError, type AnyMethod, Shutdown, ShutdownType } from '@limiquantix/agent-proto';

/** Refuses the methods of disabled capabilities before they are decoded. */
export function disabledMethod(
  method: AnyMethod,
  disabled: readonly string[],
): AgentError | undefined {
  // What a shutdown needs is known once it is decoded.
  return method === Shutdown ? undefined : denial(method.capability, disabled);
}

/** Refuses what only the request's own content tells to be disabled. */
export function disabledRequest(
  method: AnyMethod,
  request: unknown,
  disabled: readonly string[],
): AgentError | undefined {
  if (method !== Shutdown) return undefined;
  const { type } = request as { readonly type: ShutdownType };
  return denial(type === ShutdownType.REBOOT ? 'reboot' : method.capability, disabled);
}

function denial(
  capability: string | undefined,
  disabled: readonly string[],
): AgentError | undefined {
  if (capability === undefined || !disabled.includes(capability)) return undefined;
  return new AgentError('UNKNOWN_MESSAGE_TYPE', {
    detail: `the capability ${capability} is disabled`,
    resolution: 'See disabled_capabilities in agent.yaml',
  });
}
