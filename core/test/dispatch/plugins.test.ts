import {
  Execute,
  PluginAction,
  PluginCall,
  PluginControl,
  PluginState,
} from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it } from 'vitest';
import { infoOf } from '../plugins.ts';
import { DispatchBench } from './dispatch-bench.ts';

let bench: DispatchBench;

beforeEach(() => {
  bench = new DispatchBench();
});

describe('swapping a plugin', () => {
  const version = (text: string) => ({
    version: text,
    manifest: { handles: ['execute'] },
    code: `return {
      handlers: [on('execute', async () => { record('${text}'); await gate('${text}'); return { stdout: '${text}' }; })],
      dispose: () => record('disposed ${text}') };`,
  });

  it('over the wire, with calls in flight', async () => {
    bench.write('x', version('1.0.0'));
    await bench.serve();
    const host = bench.connect();
    const old = host.send(Execute, {});
    await bench.begun('1.0.0');
    bench.write('x', version('1.1.0'));
    const { plugin } = await host.call(PluginControl, { name: 'x', action: PluginAction.RELOAD });
    expect(plugin?.version).toBe('1.1.0');
    bench.open('1.1.0');
    expect(await host.call(Execute, {})).toMatchObject({ stdout: '1.1.0' });
    bench.open('1.0.0');
    expect(await host.answer(Execute, old)).toMatchObject({ stdout: '1.0.0' });
    await expect.poll(() => bench.records.at(-1)).toBe('disposed 1.0.0');
    expect(infoOf(bench.plugins, 'x')).toMatchObject({ requestsServed: 2, requestsFailed: 0 });
  });

  it('keeps what taps a request until the calls have ended that pass it', async () => {
    bench.write('x', version('1.0.0')).write('taps', {
      manifest: { activation: 'onStart' },
      code: `return {
        tap(hooks) {
          hooks.response.tap('taps', (response, call) => { record(call.id + ' tapped'); return response; });
          hooks.settled.tap('taps', ({ id }) => record(id + ' settled'));
        },
        dispose: () => record('disposed'),
      };`,
    });
    await bench.serve();
    const host = bench.connect();
    host.send(Execute, {}, 'old');
    await bench.begun('1.0.0');
    const request = { name: 'taps', action: PluginAction.DISABLE };
    const { plugin } = await host.call(PluginControl, request);
    expect(plugin?.state).toBe(PluginState.DISABLED);
    bench.records.length = 0;
    host.send(Execute, {}, 'new');
    await bench.begun('1.0.0');
    bench.open('1.0.0');
    await expect.poll(() => bench.records).toContain('disposed');
    expect(bench.records).toEqual(['1.0.0', 'old tapped', 'old settled', 'disposed']);
  });

  it.each([
    [PluginAction.ROLLBACK, 'x', 9006],
    [PluginAction.RELOAD, 'nope', 9002],
    [77, 'x', 9006],
  ])('answers action %i of "%s" with its error', async (action, name, code) => {
    bench.write('x', version('1.0.0'));
    await bench.serve();
    expect(await bench.connect().call(PluginControl, { name, action })).toMatchObject({
      success: false,
      code,
    });
  });
});

describe('plugin_call', () => {
  const echo = {
    manifest: { methods: ['echo', 'fail', 'nothing'] },
    code: `return { methods: {
      echo: (payload, call) => { record(call.id); return payload; },
      fail: async () => { throw new Error('bug'); },
      nothing: () => undefined,
    } };`,
  };

  it('reaches the methods that a plugin adds', async () => {
    bench.write('x', echo);
    await bench.serve();
    const host = bench.connect();
    const payload = Buffer.from('hello');
    const answer = await host.call(PluginCall, { plugin: 'x', method: 'echo', payload });
    expect(answer.success).toBe(true);
    expect(Buffer.from(answer.payload)).toEqual(payload);
    const nothing = await host.call(PluginCall, { plugin: 'x', method: 'nothing' });
    expect(nothing).toMatchObject({ success: true });
    const failed = await host.call(PluginCall, { plugin: 'x', method: 'fail' });
    expect(infoOf(bench.plugins, 'x')).toMatchObject({ requestsServed: 3, requestsFailed: 1 });
    expect(failed).toMatchObject({
      code: 9003,
    });
  });

  it.each([
    ['x', 'toString'],
    ['x', 'constructor'],
    ['nope', 'echo'],
    ['', ''],
  ])('refuses %s.%s', async (plugin, method) => {
    bench.write('x', echo);
    await bench.serve();
    expect(await bench.connect().call(PluginCall, { plugin, method })).toMatchObject({
      success: false,
      code: 2002,
    });
  });

  it('of a plugin that is disabled meanwhile ends with it', async () => {
    const code = `return { methods: { slow: async () => { record('began'); await gate('go'); return new Uint8Array([1]); } },
      dispose: () => record('disposed') };`;
    bench.write('x', { manifest: { methods: ['slow'] }, code });
    await bench.serve();
    const host = bench.connect();
    const id = host.send(PluginCall, { plugin: 'x', method: 'slow' });
    await bench.begun('began');
    await host.call(PluginControl, { name: 'x', action: PluginAction.DISABLE });
    bench.open('go');
    expect(await host.answer(PluginCall, id)).toMatchObject({ success: true });
    await bench.begun('began', 'disposed');
  });
});
