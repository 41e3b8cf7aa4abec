import { cpSync } from 'node:fs';
import { PluginState } from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Generation } from '../../src/plugin/generation.ts';
import type { PluginRegistry } from '../../src/plugin/registry.ts';
import { infoOf, PluginBench, writePlugin } from '../plugins.ts';
import { temporaryFolder } from '../temporary.ts';

let bench: PluginBench;

beforeEach(() => {
  bench = new PluginBench();
});

const handles = { handles: ['execute'], provides: ['execute'] };
const onStart = { activation: 'onStart' } as const;

/** Answers with its version; records when it is activated and disposed. */
const versioned = (version: string, more = '') => ({
  version,
  manifest: handles,
  code: `
    record('activate ${version}');
    ${more}
    return {
      handlers: [on('execute', async () => { await gate('${version}'); return '${version}'; })],
      dispose: () => record('dispose ${version}'),
    };`,
});

/** Records what happens to it from start to end. */
const recorder = (name: string, { started = '', stopping = '', version = '1.0.0' } = {}) => ({
  version,
  manifest: onStart,
  code: `
    return {
      tap(hooks) {
        hooks.started.tapPromise('${name}', async () => { record('${name} started'); ${started} });
        hooks.stopping.tapPromise('${name}', async () => { record('${name} stopping'); ${stopping} });
      },
      dispose: () => record('${name} disposed'),
    };`,
});

const route = (registry: PluginRegistry): Generation =>
  registry.pipeline.routes.get('execute') as Generation;

/** Calls the plugin that answers `execute`, as the dispatcher does. */
async function call(registry: PluginRegistry): Promise<string> {
  const generation = route(registry);
  generation.enter();
  try {
    const active = generation.active ?? (await registry.activate(generation));
    return await active.handlers.get('execute')?.handle({}, {} as never);
  } finally {
    generation.leave();
  }
}

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

  it('disposes of a plugin whose stopping failed', async () => {
    bench.write('a', recorder('a', { stopping: "throw new Error('stuck');" }));
    const registry = await bench.registry();
    await registry.start();
    await registry.stop();
    expect(bench.records).toEqual(['a started', 'a stopping', 'a disposed']);
  });
});

describe('reload', () => {
  it('swaps the code; calls in flight end with what they began with', async () => {
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    const old = call(registry);
    await vi.waitFor(() => expect(bench.records).toEqual(['activate 1.0.0']));
    bench.write('x', versioned('2.0.0'));
    expect(await registry.reload('x')).toMatchObject({
      version: '2.0.0',
      state: PluginState.ACTIVE,
    });
    bench.open('2.0.0');
    expect(await call(registry)).toBe('2.0.0');
    expect(bench.records).toEqual(['activate 1.0.0', 'activate 2.0.0']);
    bench.open('1.0.0');
    expect(await old).toBe('1.0.0');
    await vi.waitFor(() => expect(bench.records.at(-1)).toBe('dispose 1.0.0'));
    expect(bench.changes.at(-1)).toMatchObject({ name: 'x', version: '2.0.0' });
  });

  it.each([
    ['does not compile', { manifest: handles, code: 'this is no code' }],
    ['throws', { manifest: handles, code: "throw new Error('no');" }],
    ['does not fit its manifest', { manifest: handles, code: 'return {};' }],
    ['needs another SDK', { manifest: { ...handles, sdk: '^2.0.0' }, code: 'return {};' }],
    ['is for another platform', { manifest: { ...handles, platforms: [] }, code: 'return {};' }],
    ['skips this guest', { manifest: handles, code: "return { skip: 'no' };" }],
    ['has no version', { ...versioned('x'), version: 'new' }],
  ])('leaves the old one serving where the new one %s', async (_, next) => {
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    bench.open('1.0.0');
    await call(registry);
    bench.write('x', { version: '2.0.0', ...next });
    await expect(registry.reload('x')).rejects.toThrow();
    expect(await call(registry)).toBe('1.0.0');
    expect(infoOf(registry, 'x')).toMatchObject({ version: '1.0.0', state: PluginState.ACTIVE });
    expect(bench.records).toEqual(['activate 1.0.0']);
  });

  it('passes on what the old one held, and gives it back where the new one cannot start', async () => {
    const registry = await bench.write('x', recorder('x')).registry();
    await registry.start();
    bench.write('x', recorder('new', { started: "throw new Error('no port');", version: '2.0.0' }));
    await expect(registry.reload('x')).rejects.toThrow('no port');
    expect(bench.records).toEqual([
      'x started',
      'x stopping',
      'new started',
      'new stopping',
      'new disposed',
      'x started',
    ]);
    expect(infoOf(registry, 'x')).toMatchObject({ version: '1.0.0', state: PluginState.ACTIVE });
  });

  it('replaces a plugin that does not even stop', async () => {
    const registry = await bench
      .write('x', recorder('x', { stopping: "throw new Error('bug');" }))
      .registry();
    await registry.start();
    bench.write('x', recorder('fixed', { version: '1.0.1' }));
    await registry.reload('x');
    expect(infoOf(registry, 'x')).toMatchObject({ version: '1.0.1' });
    expect(bench.records.slice(0, 3)).toEqual(['x started', 'x stopping', 'fixed started']);
  });

  it('proves the new code also while the old one is still being loaded', async () => {
    const slow = {
      manifest: handles,
      code: `return gate('go').then(() => ({ handlers: [on('execute', () => 'old')] }));`,
    };
    const registry = await bench.write('x', slow).registry();
    await registry.start();
    const first = call(registry);
    bench.write('x', { version: '2.0.0', manifest: handles, code: 'this is no code' });
    await expect(registry.reload('x')).rejects.toThrow();
    bench.open('go');
    expect(await first).toBe('old');
    expect(await call(registry)).toBe('old');
  });

  it('runs several at once one after the other', async () => {
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    bench.open('1.0.0');
    await call(registry);
    bench.write('x', versioned('2.0.0'));
    const changes = [registry.reload('x'), registry.disable('x'), registry.enable('x')];
    const states = (await Promise.all(changes)).map(({ state }) => state);
    expect(states).toEqual([PluginState.ACTIVE, PluginState.DISABLED, PluginState.READY]);
    expect(bench.records).toEqual([
      'activate 1.0.0',
      'activate 2.0.0',
      'dispose 1.0.0',
      'dispose 2.0.0',
    ]);
  });

  it('brings back a plugin that failed', async () => {
    const registry = await bench
      .write('x', { manifest: handles, code: "throw new Error('no');" })
      .registry();
    await registry.start();
    await call(registry).catch(() => undefined);
    bench.write('x', versioned('1.0.1'));
    await registry.reload('x');
    bench.open('1.0.1');
    expect(await call(registry)).toBe('1.0.1');
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.ACTIVE, error: '' });
  });

  it('takes no other plugin for it', async () => {
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    const other = writePlugin(temporaryFolder(), 'other', versioned('9.0.0'));
    cpSync(other, `${bench.folder}/x`, { recursive: true });
    await expect(registry.reload('x')).rejects.toThrow('holds the plugin other now');
    expect(infoOf(registry, 'x')).toMatchObject({ version: '1.0.0' });
  });

  it('goes on when one of them never ends', async () => {
    vi.useFakeTimers();
    try {
      const registry = await bench.write('x', versioned('1.0.0')).registry();
      await registry.start();
      bench.open('1.0.0');
      await call(registry);
      bench.write('x', { version: '2.0.0', manifest: handles, code: "return gate('never');" });
      const hangs = expect(registry.reload('x')).rejects.toThrow('did not come to an end');
      bench.write('y', versioned('1.0.0'));
      const next = registry.disable('x');
      await vi.advanceTimersByTimeAsync(10_000);
      await hangs;
      expect(await next).toMatchObject({ state: PluginState.DISABLED });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('enable and disable', () => {
  it('disables at once; calls in flight go on to their end', async () => {
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    const running = call(registry);
    await vi.waitFor(() => expect(bench.records).toHaveLength(1));
    expect(await registry.disable('x')).toMatchObject({ state: PluginState.DRAINING });
    expect(registry.pipeline.routes.has('execute')).toBe(false);
    expect(registry.whyAbsent('execute')).toBe('the plugin x is disabled');
    bench.open('1.0.0');
    expect(await running).toBe('1.0.0');
    await vi.waitFor(() => expect(bench.records).toEqual(['activate 1.0.0', 'dispose 1.0.0']));
    expect(bench.changes.at(-1)).toMatchObject({ state: PluginState.DISABLED });
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
    await vi.waitFor(() => expect(bench.records).toEqual(['activate 1.0.0', 'dispose 1.0.0']));
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.DISABLED });
  });

  it('begins disabled where the configuration says so, until it is enabled', async () => {
    bench.disabled.add('x');
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.DISABLED });
    await expect(registry.reload('x')).rejects.toThrow('x is disabled: enable it first');
    await registry.enable('x');
    bench.open('1.0.0');
    expect(await call(registry)).toBe('1.0.0');
  });

  it('says why a plugin cannot be enabled', async () => {
    bench.disabled.add('x');
    const registry = await bench
      .write('x', { manifest: { ...handles, ...onStart }, code: "throw new Error('no');" })
      .registry();
    await registry.start();
    await expect(registry.enable('x')).rejects.toThrow('no');
    expect(infoOf(registry, 'x')).toMatchObject({ state: PluginState.FAILED, error: 'no' });
    expect(registry.whyAbsent('execute')).toBe('the plugin x failed: no');
  });

  it('knows only what is installed', async () => {
    const registry = await bench.registry();
    await expect(registry.enable('nope')).rejects.toThrow('no plugin nope is installed');
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
