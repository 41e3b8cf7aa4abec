import {
  AgentError,
  definePlugin,
  type Init,
  ListServices,
  type ListServicesRequest,
  ServiceAction,
  ServiceControl,
  type ServiceInfo,
} from '@limiquantix/plugin-sdk';
import { type TestHost, type TestHostOptions, testHost } from '@limiquantix/plugin-sdk/testing';
import { afterAll, beforeAll } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { type Config, contribution } from '../src/contribution.ts';
import { findManager } from '../src/linux/find-manager.ts';
import type { ServiceManager } from '../src/manager.ts';
import type { Guest } from './guest.ts';

/** The plugin over a service manager of the test's choice. */
export function serviceHost(
  manager: () => ServiceManager,
  options: Omit<TestHostOptions, 'package'> = {},
): Promise<TestHost> {
  const plugin = definePlugin<Config>((context) => contribution(context, manager));
  return testHost(plugin, { package: manifest, ...options });
}

/** The plugin over the services of a guest, for the tests of one block. */
export function guestServices({ run, root, stop }: Guest) {
  const host = {} as TestHost;
  /** Waits for a second. */
  const hasty = {} as TestHost;
  beforeAll(async () => {
    const manager = () => findManager(run, root);
    Object.assign(host, await serviceHost(manager));
    Object.assign(hasty, await serviceHost(manager, { config: { timeout_secs: 1 } }));
  });
  afterAll(() => stop());
  const named = async (name: string, includeDisabled = true) =>
    (await list(host, { includeDisabled })).find((service) => service.name === name);
  return { host, hasty, named };
}

export async function list(
  host: TestHost,
  request: Init<ListServicesRequest> = {},
): Promise<readonly ServiceInfo[]> {
  return (await host.call(ListServices, request)).services;
}

/** @returns the new state */
export async function control(
  host: TestHost,
  action: keyof typeof ServiceAction,
  name: string,
): Promise<string> {
  const answer = await host.call(ServiceControl, { name, action: ServiceAction[action] });
  return answer.newState;
}

/** The error that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<AgentError> {
  try {
    await call;
  } catch (error) {
    if (AgentError.is(error)) return error;
    throw error;
  }
  throw new Error('the call succeeded');
}
