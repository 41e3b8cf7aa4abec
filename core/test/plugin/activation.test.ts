import { writeFileSync } from 'node:fs';
import { PluginState } from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { infoOf, PluginBench } from '../plugins.ts';
import { call, handles, onConnect, onStart, onState, recorder, versioned } from './sources.ts';

let bench: PluginBench;

beforeEach(() => {
  bench = new PluginBench();
});

describe('activation', () => {
  it('loads the code of a plugin at its first request, once', async () => {
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    expect(bench.records).toEqual([]);
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.READY });
    bench.open('1.0.0');
    expect(await Promise.all([call(registry), call(registry)])).toEqual(['1.0.0', '1.0.0']);
    expect(bench.records).toEqual(['activate 1.0.0']);
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.ACTIVE });
  });

  it('loads the code of a plugin with taps at start', async () => {
    const registry = await bench.write('x', recorder('x')).registry();
    await registry.start();
    expect(bench.records).toEqual(['x started']);
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.ACTIVE });
  });

  it('loads the code of a plugin that works for hosts when the first one is there, once', async () => {
    const registry = await bench.write('x', { ...recorder('x'), manifest: onConnect }).registry();
    await registry.start();
    expect(bench.records).toEqual([]);
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.READY });
    await Promise.all([registry.hostConnected(), registry.hostConnected()]);
    expect(bench.records).toEqual(['x started']);
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.ACTIVE });
  });

  it('tells such a plugin of the hosts that come later', async () => {
    const code = `return { tap(hooks) { hooks.connected.tap('x', ({ id }) => record(id)); } };`;
    const registry = await bench.write('x', { manifest: onConnect, code }).registry();
    await registry.start();
    await registry.hostConnected();
    registry.pipeline.hooks.connected.call({ id: 'second' } as never);
    expect(bench.records).toEqual(['second']);
  });

  it('starts such a plugin at once where it is enabled while hosts come', async () => {
    const registry = await bench.write('x', { ...recorder('x'), manifest: onConnect }).registry();
    await registry.start();
    await registry.disable('x');
    await registry.hostConnected();
    expect(bench.records).toEqual([]);
    await registry.enable('x');
    expect(bench.records).toEqual(['x started']);
  });

  it('starts such a plugin once where a host comes while it is enabled', async () => {
    const registry = await bench.write('x', { ...recorder('x'), manifest: onConnect }).registry();
    await registry.start();
    await registry.disable('x');
    const enabled = registry.enable('x');
    await Promise.all([enabled, registry.hostConnected()]);
    expect(bench.records).toEqual(['x started']);
  });

  it('serves a request for such a plugin that comes before it was started', async () => {
    const manifest = { ...handles, ...onConnect };
    const registry = await bench.write('x', { ...versioned('1.0.0'), manifest }).registry();
    await registry.start();
    bench.open('1.0.0');
    expect(await call(registry)).toBe('1.0.0');
    await registry.hostConnected();
    expect(bench.records).toEqual(['activate 1.0.0']);
  });

  it('of one that fails when a host is there leaves the others alone', async () => {
    bench
      .write('bad', { manifest: onConnect, code: "throw new Error('no luck');" })
      .write('late', {
        ...recorder('late', { started: "throw new Error('no port');" }),
        manifest: onConnect,
      })
      .write('x', { ...recorder('x'), manifest: onConnect });
    const registry = await bench.registry();
    await registry.start();
    await registry.hostConnected();
    expect(infoOf(registry, 'bad')).toMatchObject({ state: PluginState.FAILED, error: 'no luck' });
    expect(infoOf(registry, 'late')).toMatchObject({ state: PluginState.FAILED, error: 'no port' });
    expect(bench.records).toContain('x started');
  });

  it.each(['authorize', 'request', 'capabilities'])(
    'refuses a tap of %s that would come after the first host',
    async (hook) => {
      const code = `return { tap(hooks) { hooks.${hook}.tap('x', (it) => it); } };`;
      const registry = await bench.write('x', { manifest: onConnect, code }).registry();
      await registry.start();
      await registry.hostConnected();
      expect(infoOf(registry, 'x')).toMatchObject({
        state: PluginState.FAILED,
        error: expect.stringContaining(`it taps ${hook}, so its manifest must say`),
      });
    },
  );

  const stateful = (started = '') => ({
    manifest: { ...handles, ...onState },
    code: `
      record('activate');
      return {
        handlers: [on('execute', async () => 'done')],
        tap(hooks) {
          hooks.started.tapPromise('x', async () => { record('started'); ${started} });
          hooks.stopping.tapPromise('x', async () => { record('stopping'); });
          hooks.thawed.tap('x', () => { record('thawed'); });
        },
        dispose: () => record('disposed'),
      };`,
  });

  it('loads and starts a plugin that left nothing behind at its first request, once', async () => {
    const registry = await bench.write('x', stateful()).registry();
    await registry.start();
    await registry.hostConnected();
    expect(bench.records).toEqual([]);
    expect(await Promise.all([call(registry), call(registry)])).toEqual(['done', 'done']);
    registry.pipeline.hooks.thawed.call();
    await registry.stop();
    expect(bench.records).toEqual(['activate', 'started', 'thawed', 'stopping', 'disposed']);
  });

  it('loads and starts such a plugin before any host where it did', async () => {
    writeFileSync(bench.stateFile, '{}');
    const registry = await bench.write('x', stateful()).registry();
    await registry.start();
    expect(bench.records).toEqual(['activate', 'started']);
    expect(await call(registry)).toBe('done');
    expect(bench.records).toEqual(['activate', 'started']);
  });

  it('loads such a plugin once more where its former version was in use', async () => {
    const registry = await bench.write('x', stateful()).registry();
    await registry.start();
    await call(registry);
    await registry.reload('x');
    await vi.waitFor(() => expect(bench.records).toContain('disposed'));
    expect(bench.records).toEqual([
      ...['activate', 'started', 'activate', 'stopping', 'started', 'disposed'],
    ]);
  });

  it('takes such a plugin out, and ends it, where it cannot start at its first request', async () => {
    const registry = await bench.write('x', stateful("throw new Error('no luck');")).registry();
    await registry.start();
    await expect(call(registry)).rejects.toThrow('no luck');
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.FAILED, error: 'no luck' });
    expect(bench.records).toEqual(['activate', 'started', 'stopping', 'disposed']);
  });

  it('that fails takes the plugin out, and says why', async () => {
    const code = "throw new Error('no luck');";
    const registry = await bench.write('x', { manifest: handles, code }).registry();
    await registry.start();
    await expect(call(registry)).rejects.toThrow('no luck');
    expect(registry.pipeline.routes.has('execute')).toBe(false);
    expect(registry.whyAbsent('execute')).toBe('the plugin x failed: no luck');
    expect(bench.changes.at(-1)).toMatchObject({ name: 'x', state: PluginState.FAILED });
  });

  it('that fails for several calls is told once', async () => {
    const code = "return gate('go').then(() => { throw new Error('no luck'); });";
    const registry = await bench.write('x', { manifest: handles, code }).registry();
    await registry.start();
    const calls = Promise.allSettled([call(registry), call(registry), call(registry)]);
    bench.open('go');
    expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(bench.changes).toHaveLength(1);
  });

  it('may say that the guest is not for it, which is no failure', async () => {
    const code = "return { skip: 'there is no display' };";
    const registry = await bench
      .write('x', { manifest: { ...handles, ...onStart }, code })
      .registry();
    await registry.start();
    expect(infoOf(registry, 'x')).toMatchObject({
      state: PluginState.UNSUPPORTED,
      error: 'there is no display',
    });
    expect(registry.whyAbsent('execute')).toBe(
      'the plugin x does not run on this guest: there is no display',
    );
    expect(bench.log.entries.some(({ level }) => level === 'error')).toBe(false);
  });

  it.each([
    ['handlers', {}, 'return { handlers: [] }', 'missing: execute'],
    ['handlers', {}, "return { handlers: [on('execute'), on('ping')] }", 'not announced: ping'],
    ['methods', { methods: ['go'] }, "return { handlers: [on('execute')] }", 'missing: go'],
    ['taps', {}, "return { handlers: [on('execute')], tap() {} }", 'onStart'],
    ['nothing', {}, 'return undefined', 'contributes nothing'],
    ['a word', {}, "return 'hello'", 'contributes nothing'],
  ])('refuses %s that the manifest does not announce', async (_, manifest, code, message) => {
    const registry = await bench
      .write('x', { manifest: { ...handles, ...manifest }, code })
      .registry();
    await registry.start();
    await expect(call(registry)).rejects.toThrow(message);
  });

  it('disposes of what it refuses', async () => {
    const code = "return { handlers: [], dispose: () => record('disposed') };";
    const registry = await bench.write('x', { manifest: handles, code }).registry();
    await registry.start();
    await expect(call(registry)).rejects.toThrow('missing: execute');
    expect(bench.records).toEqual(['disposed']);
  });

  it('that does not end fails after a while, and leaves nothing behind', async () => {
    vi.useFakeTimers();
    try {
      const code = "return gate('late').then(() => ({ dispose: () => record('disposed') }));";
      bench.write('hangs', { manifest: onStart, code }).write('x', recorder('x'));
      const registry = await bench.registry();
      const started = registry.start();
      await vi.advanceTimersByTimeAsync(10_000);
      await started;
      expect(infoOf(registry, 'hangs')?.error).toContain('did not come to an end within 10 s');
      expect(bench.records).toEqual(['x started']);
      bench.open('late');
      await vi.advanceTimersByTimeAsync(0);
      expect(bench.records).toEqual(['x started', 'disposed']);
    } finally {
      vi.useRealTimers();
    }
  });
});
