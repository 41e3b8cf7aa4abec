import { encode, responseCodec } from '@limiquantix/agent-proto/codec';
import { ListServices } from '@limiquantix/plugin-sdk';
import { testHost } from '@limiquantix/plugin-sdk/testing';
import { expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import plugin from '../src/index.ts';
import type { Service, ServiceManager } from '../src/manager.ts';
import { failure, serviceHost } from './plugin.ts';

const service = (name: string, description = name): Service => ({
  name,
  displayName: description,
  state: 'running',
  startType: 'auto',
  description,
  pid: 4_194_304,
  memoryBytes: 2 ** 45,
});

const having = (services: readonly Service[]) =>
  ({ list: async () => services }) as unknown as ServiceManager;

it('an answer fits into a message', async () => {
  const services = Array.from({ length: 3000 }, (_, n) => service(`s${n}`, 'ä'.repeat(n)));
  for (const maxMessageBytes of [64 * 1024, 1024 * 1024, 16 * 1024 * 1024]) {
    const host = await serviceHost(() => having(services), { maxMessageBytes });
    const answer = await host.call(ListServices, {});
    expect(answer.services.length).toBeGreaterThan(10);
    expect(encode(responseCodec(ListServices), answer).length).toBeLessThan(maxMessageBytes);
  }
});

it('an answer can be read, however many services there are', async () => {
  const services = Array.from({ length: 20_000 }, (_, n) => service(`s${n}`, '\ufffd'));
  const host = await serviceHost(() => having(services), { maxMessageBytes: 16 * 1024 * 1024 });
  expect((await host.call(ListServices, {})).services).toHaveLength(8192);
});

it('leaves out what is disabled and does not run, unless asked for', async () => {
  const services = [
    service('a'),
    { ...service('b'), startType: 'disabled' },
    { ...service('c'), startType: 'disabled', state: 'failed' },
    { ...service('d'), startType: 'disabled', state: 'stopped' },
    { ...service('e'), startType: 'manual', state: 'stopped' },
  ] as const;
  const host = await serviceHost(() => having(services));
  const names = async (includeDisabled: boolean) =>
    (await host.call(ListServices, { includeDisabled })).services.map(({ name }) => name);
  expect(await names(false)).toEqual(['a', 'b', 'c', 'e']);
  expect(await names(true)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it('the plugin answers on this guest, whatever it is', async () => {
  const host = await testHost(plugin, { package: manifest });
  const answer = host.call(ListServices, { includeDisabled: true });
  const { services } = await answer.catch(async () => {
    // This machine has no service manager, or one that cannot be reached.
    expect([7008, 9003]).toContain((await failure(answer)).code);
    return { services: [] };
  });
  for (const { name, state } of services) expect(name && state).toBeTruthy();
  await host.stop();
});

it('does not accept settings that it does not have', async () => {
  for (const config of [{ timeout_secs: 0 }, { timeout_secs: 601 }, { timeout: 9 }]) {
    const error = await failure(testHost(plugin, { package: manifest, config }));
    expect(error.name).toBe('CONFIG_INVALID');
  }
});
