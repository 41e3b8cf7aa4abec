import { AgentError, Cancel, Execute, Ping } from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it } from 'vitest';
import { DispatchBench, tight, waiting } from './dispatch-bench.ts';

let bench: DispatchBench;

beforeEach(() => {
  bench = new DispatchBench();
});

describe('cancel', () => {
  it('ends a request that runs', async () => {
    bench.write('x', waiting);
    await bench.serve();
    const host = bench.connect();
    const id = host.send(Execute, { command: 'never' });
    await bench.begun(id);
    expect(await host.call(Cancel, { messageId: id })).toMatchObject({ success: true });
    expect(await host.answer(Execute, id)).toMatchObject({ exitCode: -1, code: 3003 });
    expect(host.count(id)).toBe(1);
  });

  it('ends a request that waits, which never begins', async () => {
    bench.write('x', waiting);
    await bench.serve({ limits: tight });
    const host = bench.connect();
    const [first, second] = [
      host.send(Execute, { command: 'a' }),
      host.send(Execute, { command: 'b' }),
    ];
    await bench.begun(first);
    await host.call(Cancel, { messageId: second });
    expect(await host.answer(Execute, second)).toMatchObject({ exitCode: -1, code: 3003 });
    bench.open('a');
    expect(await host.answer(Execute, first)).toMatchObject({ exitCode: 0 });
    const third = host.send(Execute, { command: 'a' });
    expect(await host.answer(Execute, third)).toMatchObject({ exitCode: 0 });
    expect(bench.records).toEqual([first, third]);
  });

  it('knows only what its own session asked for', async () => {
    bench.write('x', waiting);
    await bench.serve();
    const [host, other] = [bench.connect(), bench.connect()];
    const id = host.send(Execute, { command: 'never' });
    await bench.begun(id);
    expect(await other.call(Cancel, { messageId: id })).toMatchObject({
      success: false,
      code: 2005,
    });
  });
});

describe('the end of the agent', () => {
  it('ends every call, and begins none but what must be served', async () => {
    bench.write('x', waiting);
    await bench.serve({ limits: tight });
    const host = bench.connect();
    const [runs, waits] = [
      host.send(Execute, { command: 'a' }),
      host.send(Execute, { command: 'b' }),
    ];
    await bench.begun(runs);
    bench.dispatcher.stop(new AgentError('CONNECTION_LOST', { detail: 'the agent stops' }));
    const late = host.send(Execute, { command: 'c' });
    for (const id of [runs, waits, late]) {
      expect(await host.answer(Execute, id)).toMatchObject({ exitCode: -1, code: 1003 });
    }
    expect(await host.call(Ping, { sequence: 1 })).toMatchObject({ sequence: 1 });
    expect(bench.records).toEqual([runs]);
    expect(bench.dispatcher.inFlight).toBe(0);
  });
});
