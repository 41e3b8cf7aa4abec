import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  AgentError,
  Execute,
  FileRead,
  ListPlugins,
  ListServices,
  Ping,
  PluginAction,
  PluginCall,
  PluginControl,
  Shutdown,
  Thaw,
} from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/security/limiter.ts';
import { requestFrame } from '../host.ts';
import { DispatchBench, tight, waiting } from './dispatch-bench.ts';

let bench: DispatchBench;

beforeEach(() => {
  bench = new DispatchBench();
});

describe('limits', () => {
  it('refuse what is too much, and give every place back', async () => {
    bench.write('x', waiting);
    await bench.serve({ limits: tight });
    const host = bench.connect();
    const ids = ['a', 'b', 'c', 'd', 'e'].map((command) => host.send(Execute, { command }));
    const [a, b, c, d, e] = ids as [string, string, string, string, string];
    expect(await host.answer(Execute, d)).toMatchObject({ exitCode: -1, code: 8001 });
    expect(await host.answer(Execute, e)).toMatchObject({ exitCode: -1, code: 8001 });
    for (const gate of ['a', 'b', 'c']) bench.open(gate);
    for (const id of [a, b, c])
      expect(await host.answer(Execute, id)).toMatchObject({ exitCode: 0 });
    bench.open('f');
    for (let i = 0; i < 5; i++) {
      expect(await host.call(Execute, { command: 'f' })).toMatchObject({ exitCode: 0 });
    }
  });

  it('do not hold up what an operator needs', async () => {
    bench.write('x', waiting);
    await bench.serve({ limits: tight });
    const host = bench.connect();
    for (let i = 0; i < 5; i++) host.send(Execute, { command: 'never' });
    expect(await host.call(Ping, { sequence: 7 })).toMatchObject({ sequence: 7 });
    expect(await host.call(ListPlugins, {})).toMatchObject({ success: true });
    bench.open('');
    expect(await host.call(Thaw, {})).toMatchObject({ success: true });
  });

  it('let a plugin be disabled and the guest be shut down whose methods never end', async () => {
    const manifest = { handles: ['list_services', 'shutdown'], methods: ['never'] };
    const code = `return {
      methods: { never: () => gate('never') },
      handlers: [on('list_services', () => gate('never')), on('shutdown', () => ({}))],
    };`;
    bench.write('x', { manifest, code });
    await bench.serve();
    const host = bench.connect();
    const { running } = DEFAULT_LIMITS.general;
    for (let i = 0; i < running; i++) host.send(ListServices, {});
    for (let i = 0; i < running; i++) host.send(PluginCall, { plugin: 'x', method: 'never' });
    await expect.poll(() => host.session.inFlight.size).toBe(2 * running);
    expect(await host.call(Shutdown, {})).toMatchObject({ accepted: true });
    const request = { name: 'x', action: PluginAction.DISABLE };
    expect(await host.call(PluginControl, request)).toMatchObject({ success: true });
  });

  it('let nothing begin whose host has left', async () => {
    bench.write('x', waiting);
    await bench.serve({ limits: tight });
    const [host, other] = [bench.connect(), bench.connect()];
    const first = host.send(Execute, { command: 'a' }, 'first');
    await bench.begun(first);
    host.send(Execute, { command: 'b' }, 'second');
    host.send(Execute, { command: 'c' }, 'third');
    await expect.poll(() => host.session.inFlight.size).toBe(3);
    host.session.end();
    await expect.poll(() => bench.dispatcher.inFlight).toBe(1);
    other.send(Execute, { command: 'd' }, 'other');
    bench.open('a');
    await bench.begun('first', 'other');
    expect(bench.settled).toEqual(['second CONNECTION_LOST', 'third CONNECTION_LOST', 'first ok']);
  });

  it('are not used up by a host that does not read', async () => {
    bench.write('x', waiting);
    await bench.serve({ limits: tight });
    const [silent, host] = [bench.connect(), bench.connect()];
    silent.stream.pause();
    const data = new Uint8Array(1_500_000);
    for (let i = 0; i < 4; i++) silent.session.answer(`a${i}`, FileRead, { data });
    expect(silent.session.outbox.full).toBe(true);
    const both = ['stuck', 'cancelled'].map((id) => requestFrame(id, Execute, { command: 'a' }));
    silent.stream.write(Buffer.concat(both));
    await expect.poll(() => silent.session.inFlight.size).toBe(2);
    bench.open('b');
    for (let i = 0; i < 3; i++) {
      expect(await host.call(Execute, { command: 'b' })).toMatchObject({ exitCode: 0 });
    }
    silent.session.inFlight.get('cancelled')?.cancel(new AgentError('EXECUTION_TIMEOUT'));
    bench.open('a');
    silent.stream.resume();
    expect(await silent.answer(Execute, 'stuck')).toMatchObject({ exitCode: 0 });
    expect(await silent.answer(Execute, 'cancelled')).toMatchObject({ code: 3003 });
    expect(bench.records.filter((id) => id === 'cancelled')).toEqual([]);
  });

  it('let a waiting request keep no more in memory than itself', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    bench.write('x', waiting);
    await bench.serve({ limits: tight });
    const host = bench.connect();
    host.send(Execute, { command: 'a' }, 'runs');
    await bench.begun('runs');
    const large = (() => {
      const chunk = new Uint8Array(5_000_000);
      chunk.set(requestFrame('waits', Execute, { command: 'a' }));
      const payload = chunk.subarray(20, 30);
      bench.dispatcher.dispatch({ id: 'waits', method: Execute, payload }, host.session);
      return new WeakRef(chunk.buffer);
    })();
    const bytes = () => {
      collect();
      return large.deref()?.byteLength;
    };
    await expect.poll(bytes).toBeUndefined();
  });
});
