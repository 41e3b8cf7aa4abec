import {
  type AgentError,
  type AnyMethod,
  Execute,
  METHODS,
  ResetPassword,
  Shutdown,
  ShutdownType,
} from '@limiquantix/agent-proto';
import type { Call } from '@limiquantix/plugin-sdk';
import { createHooks } from '@limiquantix/plugin-sdk/host';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../src/config/load.ts';
import { tapCore } from '../../src/security/core-taps.ts';
import { FreezeGate } from '../../src/security/freeze-gate.ts';
import { RateLimit } from '../../src/security/rate-limit.ts';

const { POWEROFF, REBOOT, HALT } = ShutdownType;

/** Sends a request the core's way up to its handler. @returns what it was refused with */
async function denialOf(
  disabled: readonly string[],
  method: AnyMethod,
  request: object = {},
): Promise<AgentError | undefined> {
  const hooks = createHooks();
  const config = { ...(await defaultConfig()), disabled_capabilities: disabled };
  tapCore(hooks, {
    configuration: () => ({
      config,
      file: undefined,
      discovery: { plugins: [], broken: [] },
      pluginSettings: new Map(),
      degraded: undefined,
    }),
    gate: new FreezeGate({ freezing: async () => undefined, thawed: () => undefined }),
    rate: () => new RateLimit(config.security),
    log: memoryLogger(),
  });
  const call = { method } as Call;
  return (await hooks.authorize.promise(call)) ?? (await hooks.admit.promise(request, call));
}

describe('disabled_capabilities', () => {
  it('lets everything pass where none is', async () => {
    for (const method of METHODS) expect(await denialOf([], method)).toBeUndefined();
  });

  it('refuses the method of a disabled capability, and no other', async () => {
    const denial = await denialOf(['execute'], Execute);
    expect(denial?.code).toBe(2002);
    expect(denial?.message).toContain('the capability execute is disabled');
    expect(await denialOf(['execute'], ResetPassword)).toBeUndefined();
  });

  it.each([
    [['reboot'], REBOOT, 'reboot'],
    [['reboot'], POWEROFF, undefined],
    [['reboot'], HALT, undefined],
    [['shutdown'], REBOOT, undefined],
    [['shutdown'], POWEROFF, 'shutdown'],
    [['shutdown'], HALT, 'shutdown'],
    [['shutdown'], 99, 'shutdown'],
    [['shutdown', 'reboot'], REBOOT, 'reboot'],
    [['shutdown', 'reboot'], POWEROFF, 'shutdown'],
  ])('%j with a shutdown of type %i refuses %s', async (disabled, type, refused) => {
    const denial = await denialOf(disabled, Shutdown, { type });
    if (refused === undefined) expect(denial).toBeUndefined();
    else expect(denial?.message).toContain(`the capability ${refused} is disabled`);
  });
});
