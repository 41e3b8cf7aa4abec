import {
  AgentError,
  Cancel,
  ErrorReason,
  GetCapabilities,
  type GetCapabilitiesResponse,
  type Init,
  ListPlugins,
  Ping,
  PluginAction,
  PluginCall,
  PluginControl,
} from '@limiquantix/agent-proto';
import { type Call, type Handler, on } from '@limiquantix/plugin-sdk';
import type { PluginRegistry } from '../plugin/registry.ts';
import type { Session } from '../session/session.ts';
import { VERSION } from '../version.ts';

export interface BuiltinOptions {
  readonly registry: PluginRegistry;
  readonly capabilities: () => Init<GetCapabilitiesResponse>;
  /** Sends AgentReady, and what a host gets when it connects. */
  readonly greet: (session: Session) => void;
}

/** The methods that the core answers itself, by name. */
export function builtinHandlers({
  registry,
  capabilities,
  greet,
}: BuiltinOptions): Map<string, Handler> {
  const handlers = [
    on(Ping, (request, call) => {
      // Of a host that took the place of another on its port the guest may have learnt nothing.
      if (request.greet) greet(call.session as Session);
      return {
        sequence: request.sequence,
        version: VERSION,
        uptimeSeconds: Math.floor(performance.now() / 1000),
      };
    }),
    on(GetCapabilities, capabilities),
    on(Cancel, ({ messageId }, call) => cancel(messageId, call)),
    on(ListPlugins, () => ({ plugins: registry.list() })),
    on(PluginControl, async ({ name, action }) => ({
      plugin: await control(registry, name, action),
    })),
    on(PluginCall, async (request, call) => ({
      payload: await callPlugin(registry, request, call),
    })),
  ];
  return new Map(handlers.map((handler) => [handler.method.name, handler]));
}

function cancel(id: string, call: Call): { success: true } {
  const target = (call.session as Session).inFlight.get(id);
  if (!target) {
    throw new AgentError('INVALID_MESSAGE_ID', {
      detail: `no request with the id ${id} is being served`,
      resolution: 'Nothing to do: it has been answered, or never arrived',
    });
  }
  // The catalogue has no nearer code: the host's own time for the request is up.
  target.cancel(
    new AgentError('EXECUTION_TIMEOUT', {
      detail: 'cancelled by the host',
      resolution: 'Ask again; what was asked may have been done in part',
      reason: ErrorReason.CANCELLED,
    }),
  );
  return { success: true };
}

function control(registry: PluginRegistry, name: string, action: number) {
  switch (action) {
    case PluginAction.RELOAD:
      return registry.reload(name);
    case PluginAction.ENABLE:
      return registry.enable(name);
    case PluginAction.DISABLE:
      return registry.disable(name);
    default:
      throw new AgentError('ROLLBACK_FAILED', {
        detail: `${name} has no previous version`,
        resolution: 'Only a plugin that was updated can be rolled back',
        reason: ErrorReason.CONFLICT,
      });
  }
}

async function callPlugin(
  registry: PluginRegistry,
  request: { plugin: string; method: string; payload: Uint8Array },
  call: Call,
): Promise<Uint8Array> {
  const { plugin, method, payload } = request;
  const generation = registry.ownerOf(plugin, method);
  generation.calls.enter();
  let failed = true;
  try {
    const { contribution } = generation.active ?? (await registry.activate(generation));
    // Who writes JavaScript may return anything.
    const result: unknown = await contribution.methods?.[method]?.(payload, call);
    if (result !== undefined && !(result instanceof Uint8Array)) throw notBytes(plugin, method);
    failed = false;
    return result ?? new Uint8Array();
  } finally {
    generation.calls.leave();
    registry.count(generation, failed);
  }
}

function notBytes(plugin: string, method: string): AgentError {
  return new AgentError('INTERNAL_ERROR', {
    detail: `what ${plugin}.${method} returned is no bytes`,
    resolution: 'Correct the plugin: a method returns a Uint8Array, such as a Buffer',
  });
}
