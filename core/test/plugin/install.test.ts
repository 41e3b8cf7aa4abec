import { PluginState } from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it } from 'vitest';
import { infoOf, PluginBench } from '../plugins.ts';
import { call, handles, onStart, recorder, versioned } from './sources.ts';

let bench: PluginBench;

beforeEach(() => {
  bench = new PluginBench();
});

describe('a plugin that is installed while the agent runs', () => {
  it('answers, and runs its start', async () => {
    const registry = await bench.write('a', recorder('a')).registry();
    await registry.start();
    bench.write('x', recorder('x'));
    expect(await registry.install(await bench.found('x'))).toMatchObject({
      version: '1.0.0',
      state: PluginState.ACTIVE,
    });
    expect(bench.records).toEqual(['a started', 'x started']);
    expect(registry.pipeline.generations.map(({ plugin }) => plugin.name)).toEqual(['a', 'x']);
  });

  it('is loaded at its first request where that is its time', async () => {
    const registry = await bench.registry();
    await registry.start();
    bench.write('x', versioned('1.0.0'));
    await registry.install(await bench.found('x'));
    expect(bench.records).toEqual([]);
    bench.open('1.0.0');
    expect(await call(registry)).toBe('1.0.0');
  });

  it('stays out where the configuration says so', async () => {
    bench.disabled.add('x');
    const registry = await bench.registry();
    await registry.start();
    bench.write('x', versioned('1.0.0'));
    const info = await registry.install(await bench.found('x'));
    expect(info).toMatchObject({ state: PluginState.DISABLED });
    expect(registry.whyAbsent('execute')).toBe('the plugin x is disabled');
  });

  it('fails alone', async () => {
    const registry = await bench.write('a', recorder('a')).registry();
    await registry.start();
    bench.write('x', { manifest: { ...handles, ...onStart }, code: "throw new Error('no');" });
    const found = await bench.found('x');
    await expect(registry.install(found)).rejects.toThrow('the plugin x failed: no');
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.FAILED, error: 'no' });
    expect(infoOf(registry, 'a')).toMatchObject({ state: PluginState.ACTIVE });
  });

  it('is no failure where it is for another guest', async () => {
    const registry = await bench.registry();
    await registry.start();
    bench.write('x', { manifest: { ...handles, sdk: '^2.0.0' }, code: '' });
    const info = await registry.install(await bench.found('x'));
    expect(info).toMatchObject({ state: PluginState.UNSUPPORTED });
  });

  it('takes no method from one that runs', async () => {
    const registry = await bench.write('a', versioned('1.0.0')).registry();
    await registry.start();
    bench.write('x', versioned('1.0.0'));
    const found = await bench.found('x');
    await expect(registry.install(found)).rejects.toThrow('the plugin a answers execute already');
    bench.open('1.0.0');
    expect(await call(registry)).toBe('1.0.0');
  });
});

describe('another version of a plugin', () => {
  it('takes over from the one that runs; calls in flight end with that', async () => {
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    const old = call(registry);
    await expect.poll(() => bench.records).toEqual(['activate 1.0.0']);
    bench.write('x', versioned('2.0.0'));
    await registry.install(await bench.found('x'));
    bench.open('2.0.0');
    expect(await call(registry)).toBe('2.0.0');
    bench.open('1.0.0');
    expect(await old).toBe('1.0.0');
    await expect.poll(() => bench.records.at(-1)).toBe('dispose 1.0.0');
  });

  it.each([
    ['throws', { manifest: handles, code: "throw new Error('no');" }],
    ['is for another guest', { manifest: { ...handles, sdk: '^2.0.0' }, code: '' }],
  ])('that %s leaves the old one serving', async (_, next) => {
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    bench.open('1.0.0');
    await call(registry);
    bench.write('x', { version: '2.0.0', ...next });
    await expect(registry.install(await bench.found('x'))).rejects.toThrow();
    expect(await call(registry)).toBe('1.0.0');
    expect(infoOf(registry, 'x')).toMatchObject({ version: '1.0.0', state: PluginState.ACTIVE });
  });

  it('is what a disabled one is enabled as, and what one that failed becomes', async () => {
    const broken = { manifest: { ...handles, ...onStart }, code: "throw new Error('no');" };
    const registry = await bench.write('x', broken).registry();
    await registry.start();
    bench.write('x', versioned('1.1.0'));
    await registry.install(await bench.found('x'));
    expect(infoOf(registry, 'x')).toMatchObject({ version: '1.1.0', state: PluginState.READY });
    await registry.disable('x');
    bench.write('x', versioned('1.2.0'));
    await registry.install(await bench.found('x'));
    expect(infoOf(registry, 'x')).toMatchObject({ version: '1.2.0', state: PluginState.DISABLED });
    await registry.enable('x');
    bench.open('1.2.0');
    expect(await call(registry)).toBe('1.2.0');
  });
});

describe('a plugin that is uninstalled', () => {
  it('is not listed any more and takes no calls; those in flight go on to their end', async () => {
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    const running = call(registry);
    await expect.poll(() => bench.records).toHaveLength(1);
    expect(await registry.uninstall('x')).toMatchObject({ state: PluginState.DRAINING });
    expect(registry.list()).toEqual([]);
    expect(registry.pipeline.routes.has('execute')).toBe(false);
    bench.open('1.0.0');
    expect(await running).toBe('1.0.0');
    await expect.poll(() => bench.records).toEqual(['activate 1.0.0', 'dispose 1.0.0']);
    await expect(registry.enable('x')).rejects.toThrow('no plugin x is installed');
  });

  it('runs its end', async () => {
    const registry = await bench.write('x', recorder('x')).registry();
    await registry.start();
    await registry.uninstall('x');
    await expect.poll(() => bench.records).toHaveLength(3);
    expect(bench.records).toEqual(['x started', 'x stopping', 'x disposed']);
  });

  it('leaves its methods to others', async () => {
    const registry = await bench.write('a', versioned('1.0.0')).registry();
    await registry.start();
    await registry.uninstall('a');
    bench.write('x', versioned('2.0.0'));
    await registry.install(await bench.found('x'));
    bench.open('2.0.0');
    expect(await call(registry)).toBe('2.0.0');
  });
});
