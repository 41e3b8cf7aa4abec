import { AgentError, type AnyMethod, Execute, METHODS, Ping, Thaw } from '@limiquantix/agent-proto';
import type { Call } from '@limiquantix/plugin-sdk';
import { createHooks } from '@limiquantix/plugin-sdk/host';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { tapCore } from '../../src/security/core-taps.ts';
import { FreezeGate } from '../../src/security/freeze-gate.ts';
import { RateLimit } from '../../src/security/rate-limit.ts';

let log: ReturnType<typeof memoryLogger>;
let gate: FreezeGate;

beforeEach(() => {
  log = memoryLogger();
  gate = new FreezeGate({ freezing: async () => undefined, thawed: () => undefined });
});

const defaults = await defaultConfig();

function tapped(changes: Partial<Config> = {}, degraded?: AgentError) {
  const config = { ...defaults, ...changes };
  const rate = new RateLimit(config.security);
  const hooks = createHooks();
  const configuration = { config, degraded } as unknown as Configuration;
  tapCore(hooks, { configuration: () => configuration, gate, rate: () => rate, log });
  const ask = (method: AnyMethod) => hooks.authorize.promise(call(method));
  return { hooks, ask };
}

function call(method: AnyMethod): Call {
  return { id: 'a-1', method, requestBytes: 12 } as unknown as Call;
}

async function served(ask: (method: AnyMethod) => Promise<unknown>): Promise<string[]> {
  const denials = await Promise.all(METHODS.map(ask));
  return METHODS.filter((_, i) => denials[i] === undefined).map(({ name }) => name);
}

describe("the core's own say", () => {
  it('lets everything pass by default', async () => {
    expect(await served(tapped().ask)).toHaveLength(METHODS.length);
  });

  it('leaves ping, get_capabilities, thaw and cancel where the configuration is unusable', async () => {
    const degraded = new AgentError('CONFIG_INVALID', { detail: 'line 3' });
    const { ask, hooks } = tapped({}, degraded);
    expect(await served(ask)).toEqual(['ping', 'thaw', 'get_capabilities', 'cancel']);
    expect(await ask(Execute)).toBe(degraded);
    const found = { capabilities: ['quiesce', 'thaw'], features: {} };
    expect(hooks.capabilities.call(found)).toEqual({ ...found, capabilities: ['thaw'] });
  });

  it('is about the freeze, policies and rates, too', async () => {
    const { security } = defaults;
    const { ask } = tapped({ security: { ...security, max_commands_per_minute: 1 } });
    expect(await ask(Execute)).toBeUndefined();
    expect(await ask(Execute)).toMatchObject({ code: 8001 });
    await gate.close(async () => undefined);
    expect(await ask(Execute)).toMatchObject({ code: 5007 });
    const restricted = { ...security, command_blocklist: ['/bin/rm'] };
    gate.open();
    expect(await tapped({ security: restricted }).ask(Execute)).toMatchObject({ code: 8002 });
  });

  it('refuses what waited for its turn until filesystems were frozen', async () => {
    const { hooks, ask } = tapped();
    expect(await ask(Execute)).toBeUndefined();
    await gate.close(async () => undefined);
    const admit = (method: AnyMethod) => hooks.admit.promise({}, call(method));
    expect(await admit(Execute)).toMatchObject({ code: 5007 });
    expect(await admit(Thaw)).toBeUndefined();
    gate.open();
    expect(await admit(Execute)).toBeUndefined();
  });

  it('does not spend the rate on what is refused anyway', async () => {
    const { security } = defaults;
    const { ask } = tapped({ security: { ...security, max_commands_per_minute: 1 } });
    await gate.close(async () => undefined);
    await ask(Execute);
    gate.open();
    expect(await ask(Execute)).toBeUndefined();
  });

  it('comes before the say of any plugin', async () => {
    const { hooks, ask } = tapped({}, new AgentError('CONFIG_INVALID'));
    let asked = false;
    hooks.authorize.tap('plugin', () => {
      asked = true;
      return undefined;
    });
    await ask(Execute);
    expect(asked).toBe(false);
    await ask(Ping);
    expect(asked).toBe(true);
  });
});

describe('the log of requests', () => {
  it('has failures with their code, and who asked for what', () => {
    const error = new AgentError('FILE_NOT_FOUND', { detail: '/x' });
    tapped().hooks.settled.call(call(Execute), { error, durationMs: 1.23456 });
    expect(log.entries).toEqual([
      {
        level: 'info',
        message: 'QXGA-4001: File not found: /x',
        fields: { request_id: 'a-1', operation: 'execute', request_bytes: 12, duration_ms: 1.235 },
      },
    ]);
  });

  it('has successes for who wants to see them', () => {
    tapped().hooks.settled.call(call(Ping), { error: undefined, durationMs: 0 });
    expect(log.entries).toMatchObject([{ level: 'debug', message: 'request served' }]);
  });
});
