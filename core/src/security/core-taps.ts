import { type AnyMethod, Cancel, GetCapabilities, Ping, Thaw } from '@limiquantix/agent-proto';
import type { Capabilities, Hooks, Logger } from '@limiquantix/plugin-sdk';
import type { Configuration } from '../config/configuration.ts';
import { disabledMethod, disabledRequest } from './disabled.ts';
import type { FreezeGate } from './freeze-gate.ts';
import type { RateLimit } from './rate-limit.ts';
import { unenforcedDenial } from './unenforced.ts';

export interface CoreTapsOptions {
  readonly configuration: () => Configuration;
  readonly gate: FreezeGate;
  readonly rate: () => RateLimit;
  readonly log: Logger;
}

/** What is served whatever state the configuration is in. */
const MINIMAL_PROFILE: ReadonlySet<AnyMethod> = new Set<AnyMethod>([
  Ping,
  GetCapabilities,
  Thaw,
  Cancel,
]);

/** The core's own say on the request's way; before every plugin's. */
export function tapCore(hooks: Hooks, { configuration, gate, rate, log }: CoreTapsOptions): void {
  const before = { stage: -100 };
  hooks.authorize.tap({ name: 'minimal-profile', ...before }, ({ method }) =>
    MINIMAL_PROFILE.has(method) ? undefined : configuration().degraded,
  );
  hooks.capabilities.tap({ name: 'minimal-profile', ...before }, (found) =>
    configuration().degraded ? minimalOf(found) : found,
  );
  hooks.authorize.tap({ name: 'disabled-capability', ...before }, ({ method }) =>
    disabledMethod(method, configuration().config.disabled_capabilities),
  );
  hooks.admit.tap({ name: 'disabled-capability', ...before }, (request, { method }) =>
    disabledRequest(method, request, configuration().config.disabled_capabilities),
  );
  hooks.authorize.tap({ name: 'freeze-gate', ...before }, ({ method }) => gate.denial(method));
  // Again: they may have been frozen while the request waited for its turn.
  hooks.admit.tap({ name: 'freeze-gate', ...before }, (_, { method }) => gate.denial(method));
  hooks.authorize.tap({ name: 'policy', ...before }, ({ method }) =>
    unenforcedDenial(method, configuration().config.security),
  );
  hooks.authorize.tap({ name: 'rate-limit', ...before }, ({ method }) => rate().denial(method));
  hooks.settled.tap({ name: 'log', stage: 100 }, ({ id, method, requestBytes }, outcome) => {
    const { error, durationMs } = outcome;
    const fields = {
      request_id: id,
      operation: method.name,
      request_bytes: requestBytes,
      duration_ms: Math.round(durationMs * 1000) / 1000,
    };
    if (error) log.info(error.toString(), fields);
    else log.debug('request served', fields);
  });
}

function minimalOf({ capabilities, features }: Capabilities): Capabilities {
  const served = [...MINIMAL_PROFILE].map(({ capability }) => capability);
  return { capabilities: capabilities.filter((one) => served.includes(one)), features };
}
