import {
  type Contribution,
  ListServices,
  on,
  type PluginContext,
  ServiceControl,
} from '@limiquantix/plugin-sdk';
import { controlService } from './control.ts';
import { listServices } from './list.ts';
import type { ServiceManager } from './manager.ts';

/** The plugin's settings, as its manifest describes them. */
export interface Config {
  /** How long a service may take to start, stop or restart. */
  readonly timeout_secs: number;
}

/** @param manager finds it anew for every request; throws where the guest has none */
export function contribution(
  { config, agent }: PluginContext<Config>,
  manager: () => ServiceManager,
): Contribution {
  const timeoutMs = 1000 * config.timeout_secs;
  const { maxMessageBytes } = agent;
  return {
    handlers: [
      on(ListServices, (request, { signal }) =>
        listServices(request, manager(), { maxMessageBytes, signal }),
      ),
      on(ServiceControl, (request, { signal }) =>
        controlService(request, manager(), { timeoutMs, signal }),
      ),
    ],
  };
}
