import { cpSync } from 'node:fs';
import { PluginState } from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { infoOf, PluginBench, writePlugin } from '../plugins.ts';
import { temporaryFolder } from '../temporary.ts';
import { call, handles, recorder, versioned } from './sources.ts';

let bench: PluginBench;

beforeEach(() => {
  bench = new PluginBench();
});

describe('reload', () => {
  it('swaps the code; calls in flight end with what they began with', async () => {
    const registry = await bench.write('x', versioned('1.0.0')).registry();
    await registry.start();
    const old = call(registry);
    await expect.poll(() => bench.records).toEqual(['activate 1.0.0']);
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
    await expect.poll(() => bench.records.at(-1)).toBe('dispose 1.0.0');
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
