import { ErrorReason, PluginState } from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it } from 'vitest';
import { infoOf, PluginBench, writePlugin } from '../plugins.ts';
import { temporaryFolder } from '../temporary.ts';
import { call, handles, onStart, recorder, route, versioned } from './sources.ts';

let bench: PluginBench;

beforeEach(() => {
  bench = new PluginBench();
});

describe('start and stop', () => {
  it('stops in the reverse order of start', async () => {
    const registry = await bench.write('a', recorder('a')).write('b', recorder('b')).registry();
    await registry.start();
    await registry.stop();
    expect(bench.records).toEqual([
      'a started',
      'b started',
      'b stopping',
      'b disposed',
      'a stopping',
      'a disposed',
    ]);
  });

  it('starts the others where one cannot, which is ended', async () => {
    bench.write('a', recorder('a', { started: "throw new Error('no port');" }));
    const registry = await bench.write('b', recorder('b')).registry();
    await registry.start();
    expect(bench.records).toEqual(['a started', 'a stopping', 'a disposed', 'b started']);
    expect(infoOf(registry, 'a')).toMatchObject({ state: PluginState.FAILED, error: 'no port' });
    expect(registry.pipeline.generations.map(({ plugin }) => plugin.name)).toEqual(['b']);
  });

  it.each([
    ['fails', "throw new Error('stuck');"],
    ['hangs', "await gate('never');"],
  ])('stops the others where one %s', async (_, stopping) => {
    bench.write('a', recorder('a')).write('b', recorder('b', { stopping }));
    const registry = await bench.registry();
    await registry.start();
    await registry.stop();
    expect(bench.records.slice(-2)).toEqual(['a stopping', 'a disposed']);
    expect(bench.log.entries.some(({ level }) => level === 'warn')).toBe(true);
  });

  it('starts a plugin once that is enabled or reloaded meanwhile', async () => {
    const started = "await gate('go');";
    bench.write('a', recorder('a', { started })).write('x', recorder('x'));
    const registry = await bench.registry();
    const changes = [registry.start(), registry.enable('x'), registry.reload('x')];
    bench.open('go');
    await Promise.all(changes);
    expect(bench.records).toEqual([
      'a started',
      'x started',
      'x stopping',
      'x started',
      'x disposed',
    ]);
  });

  it('disposes of a plugin whose stopping failed', async () => {
    bench.write('a', recorder('a', { stopping: "throw new Error('stuck');" }));
    const registry = await bench.registry();
    await registry.start();
    await registry.stop();
    expect(bench.records).toEqual(['a started', 'a stopping', 'a disposed']);
  });
});

describe('enable and disable', () => {
  it('disables at once; calls in flight go on to their end', async () => {
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    const running = call(registry);
    await expect.poll(() => bench.records).toHaveLength(1);
    expect(await registry.disable('x')).toMatchObject({ state: PluginState.DRAINING });
    expect(registry.pipeline.routes.has('execute')).toBe(false);
    expect(registry.whyAbsent('execute')).toBe('the plugin x is disabled');
    bench.open('1.0.0');
    expect(await running).toBe('1.0.0');
    await expect.poll(() => bench.changes.at(-1)).toMatchObject({ state: PluginState.DISABLED });
    expect(bench.records).toEqual(['activate 1.0.0', 'dispose 1.0.0']);
  });

  it('disables a plugin that is just being loaded for a call', async () => {
    const more = "await gate('load');";
    const source = versioned('1.0.0', more);
    const code = `return (async () => { ${source.code} })();`;
    const registry = await bench.write('x', { ...source, code }).registry();
    await registry.start();
    const running = call(registry);
    await registry.disable('x');
    bench.open('load');
    bench.open('1.0.0');
    expect(await running).toBe('1.0.0');
    await expect.poll(() => infoOf(registry, 'x')).toMatchObject({ state: PluginState.DISABLED });
    expect(bench.records).toEqual(['activate 1.0.0', 'dispose 1.0.0']);
  });

  it('begins disabled where the configuration says so, until it says otherwise', async () => {
    bench.disabled.add('x');
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.DISABLED });
    await expect(registry.reload('x')).rejects.toThrow('x is disabled: enable it first');
    bench.disabled.delete('x');
    await registry.enable('x');
    bench.open('1.0.0');
    expect(await call(registry)).toBe('1.0.0');
  });

  it('enables nothing that the configuration has disabled', async () => {
    bench.disabled.add('x');
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    await expect(registry.enable('x')).rejects.toMatchObject({
      message: expect.stringContaining('x is disabled by the configuration of the guest'),
      reason: ErrorReason.DENIED,
    });
    expect(registry.pipeline.routes.has('execute')).toBe(false);
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.DISABLED });
    expect(bench.records).toEqual([]);
  });

  it('says why a plugin cannot be enabled', async () => {
    const registry = await bench
      .write('x', { manifest: { ...handles, ...onStart }, code: "throw new Error('no');" })
      .registry();
    await registry.start();
    await registry.disable('x');
    await expect(registry.enable('x')).rejects.toThrow('no');
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.FAILED, error: 'no' });
    expect(registry.whyAbsent('execute')).toBe('the plugin x failed: no');
  });

  it('knows only what is installed', async () => {
    const registry = await bench.registry();
    await expect(registry.enable('nope')).rejects.toMatchObject({
      message: expect.stringContaining('no plugin nope is installed'),
      reason: ErrorReason.NOT_FOUND,
    });
  });
});

describe('methods', () => {
  it('belong to the bundled plugin, whatever a third party claims', async () => {
    const thirdParty = temporaryFolder();
    writePlugin(thirdParty, 'aaa', versioned('6.6.6'));
    const registry = await bench.write('x', versioned('1.0.0')).registry({}, [thirdParty]);
    await registry.start();
    expect(route(registry).plugin.name).toBe('x');
    expect(infoOf(registry, 'aaa')).toMatchObject({ state: PluginState.FAILED, thirdParty: true });
    expect(infoOf(registry, 'aaa')?.error).toContain('the plugin x answers execute already');
  });

  it('are counted by plugin', async () => {
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    registry.count(route(registry), false);
    registry.count(route(registry), true);
    expect(infoOf(registry, 'x')).toMatchObject({ requestsServed: 2, requestsFailed: 1 });
  });

  it("that no plugin has are nobody's", async () => {
    expect((await bench.registry()).whyAbsent('execute')).toBeUndefined();
  });

  it('of a plugin that this guest is not for say so', async () => {
    bench.write('x', { ...versioned('1.0.0'), manifest: { ...handles, platforms: ['win32'] } });
    const registry = await bench.registry();
    await registry.start();
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.UNSUPPORTED });
    expect(registry.whyAbsent('execute')).toContain('it runs on win32, not on linux');
  });
});

it('tells which plugins are broken', async () => {
  writePlugin(bench.folder, 'Broken', { code: '' });
  const registry = await bench.registry();
  await registry.start();
  expect(bench.log.entries[0]?.message).toContain('plugin ignored: QXGA-9002');
});
