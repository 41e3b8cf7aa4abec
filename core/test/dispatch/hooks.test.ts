import { AgentError, Execute } from '@limiquantix/agent-proto';
import type { Hooks } from '@limiquantix/plugin-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { DispatchBench, execute } from './dispatch-bench.ts';

let bench: DispatchBench;

beforeEach(() => {
  bench = new DispatchBench();
});

describe('hooks', () => {
  const order: string[] = [];
  const note = (text: string) => () => void order.push(text);

  it('run in the order of the request', async () => {
    order.length = 0;
    bench.write('x', execute('record("handler"); return { stdout: request.command };'));
    await bench.serve({
      taps: (hooks) => {
        hooks.authorize.tap('t', note('authorize') as () => undefined);
        hooks.admit.tap('t', note('admit') as () => undefined);
        hooks.request.tap('t', (request) => ({ ...request, command: 'changed' }));
        hooks.response.tap('t', (response) => ({ ...response, stderr: 'added' }));
        hooks.settled.tap('t', note('settled'));
      },
    });
    const answer = await bench.connect().call(Execute, { command: 'asked' });
    expect(answer).toMatchObject({ stdout: 'changed', stderr: 'added' });
    await expect.poll(() => order).toEqual(['authorize', 'admit', 'settled']);
  });

  const denial = new AgentError('RATE_LIMIT_EXCEEDED');
  it.each([
    ['authorize', 'at once', (hooks: Hooks) => hooks.authorize.tap('t', () => denial)],
    ['admit', 'at once', (hooks: Hooks) => hooks.admit.tap('t', () => denial)],
    ['authorize', 'later', (hooks: Hooks) => hooks.authorize.tapPromise('t', async () => denial)],
    [
      'admit',
      'later',
      (hooks: Hooks) =>
        hooks.admit.tapAsync('t', (_, __, done) => setImmediate(done, null, denial)),
    ],
  ])('may refuse at %s, %s', async (_, __, taps) => {
    bench.write('x', execute('record("ran");'));
    await bench.serve({ taps });
    expect(await bench.connect().call(Execute, {})).toMatchObject({ exitCode: -1, code: 8001 });
    expect(bench.records).toEqual([]);
  });

  it('are passed in order of their stage, whether they answer at once or later', async () => {
    order.length = 0;
    bench.write('x', execute('return { stdout: request.command };'));
    await bench.serve({
      taps: ({ authorize, request }) => {
        authorize.tap({ name: 'third', stage: 2 }, note('third') as () => undefined);
        authorize.tapPromise('second', async () => note('second')() as undefined);
        authorize.tap({ name: 'first', stage: -100 }, note('first') as () => undefined);
        request.tapPromise('t', async (asked) => ({ ...asked, command: `${asked.command} later` }));
      },
    });
    expect(await bench.connect().call(Execute, { command: 'x' })).toMatchObject({
      stdout: 'x later',
    });
    expect(order).toEqual(['first', 'second', 'third']);
  });

  it.each([
    [
      'throws nothing',
      (): never => {
        throw undefined;
      },
    ],
    ['rejects with nothing', () => Promise.reject()],
  ])('that %s refuse all the same', async (_, fault) => {
    bench.write('x', execute('record("ran");'));
    await bench.serve({ taps: ({ authorize }) => authorize.tap('t', fault as never) });
    expect(await bench.connect().call(Execute, {})).toMatchObject({ exitCode: -1, code: 9003 });
    expect(bench.records).toEqual([]);
  });

  it.each([
    ['authorize', false],
    ['authorize', null],
    ['admit', false],
    ['admit', 'no'],
  ] as const)('that end %s with %j refuse, too', async (hook, value) => {
    bench.write('x', execute('record("ran");'));
    await bench.serve({ taps: (hooks) => hooks[hook].tap('t', () => value as never) });
    expect(await bench.connect().call(Execute, {})).toMatchObject({ exitCode: -1, code: 9003 });
    expect(bench.records).toEqual([]);
  });

  it('that return a promise nobody waits for do not end the hook for those behind them', async () => {
    const tapping = (fn: string) => ({
      manifest: { activation: 'onStart' } as const,
      code: `return { tap(hooks) { hooks.authorize.tap('x', ${fn}); } };`,
    });
    bench
      .write('a', tapping('async () => undefined'))
      .write('b', tapping("() => new Error('refused')"))
      .write('x', execute('record("ran");'));
    await bench.serve();
    const { error } = await bench.connect().call(Execute, {});
    expect(error).toContain('a tap of authorize by x returned a promise');
    expect(bench.records).toEqual([]);
  });

  it.each(['authorize', 'admit', 'request', 'response'] as const)(
    'that throw at %s fail the call',
    async (hook) => {
      bench.write('x', execute(''));
      const taps = (hooks: Hooks) =>
        hooks[hook].tap('t', () => {
          throw new Error('bug');
        });
      await bench.serve({ taps });
      const host = bench.connect();
      expect(await host.call(Execute, {})).toMatchObject({ exitCode: -1, code: 9003 });
      expect(bench.settled).toEqual([expect.stringContaining('INTERNAL_ERROR')]);
    },
  );

  it.each([
    [
      'throw',
      () => {
        throw new Error('bug');
      },
      9003,
    ],
    ['return no error', () => 'fine' as never, 9003],
    ['return nothing', () => undefined as never, 9003],
    ['reword', () => new AgentError('PERMISSION_DENIED'), 3002],
  ])('that %s at failure never hide it', async (_, tap, code) => {
    bench.write('x', execute("throw new Error('bug');"));
    await bench.serve({ taps: (hooks) => hooks.failure.tap('t', tap) });
    expect(await bench.connect().call(Execute, {})).toMatchObject({ exitCode: -1, code });
  });

  it('that throw at settled change nothing', async () => {
    bench.write('x', execute('return { stdout: "hi" };'));
    const taps = (hooks: Hooks) =>
      hooks.settled.tap('t', () => {
        throw new Error('bug');
      });
    await bench.serve({ taps });
    const host = bench.connect();
    expect(await host.call(Execute, {})).toMatchObject({ stdout: 'hi' });
    expect(await host.call(Execute, {})).toMatchObject({ stdout: 'hi' });
    expect(bench.dispatcher.inFlight).toBe(0);
  });
});
