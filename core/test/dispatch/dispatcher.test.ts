import { duplexPair } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  AgentError,
  Cancel,
  Execute,
  FileRead,
  FileWrite,
  ListPlugins,
  Ping,
  PluginAction,
  PluginCall,
  PluginControl,
  Shutdown,
  Thaw,
} from '@limiquantix/agent-proto';
import type { Hooks } from '@limiquantix/plugin-sdk';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import { builtinHandlers } from '../../src/methods/builtin.ts';
import type { PluginRegistry } from '../../src/plugin/registry.ts';
import { DEFAULT_LIMITS, Limiter, type Limits } from '../../src/security/limiter.ts';
import { Session } from '../../src/session/session.ts';
import { Host, requestFrame } from '../host.ts';
import { infoOf, PluginBench } from '../plugins.ts';

let bench: PluginBench;
let registry: PluginRegistry;
let dispatcher: Dispatcher;
let settled: string[];

beforeEach(() => {
  bench = new PluginBench();
  settled = [];
});

interface ServeOptions {
  readonly taps?: (hooks: Hooks) => void;
  readonly limits?: Limits;
}

/** Starts a dispatcher over the bench's plugins. */
async function serve({ taps, limits = DEFAULT_LIMITS }: ServeOptions = {}): Promise<void> {
  const coreTaps = (hooks: Hooks) => {
    taps?.(hooks);
    hooks.settled.tap('test', ({ id }, { error }) => settled.push(`${id} ${error?.name ?? 'ok'}`));
  };
  registry = await bench.registry({ coreTaps });
  await registry.start();
  dispatcher = new Dispatcher({
    registry,
    limiter: new Limiter(limits),
    builtin: builtinHandlers({ registry, capabilities: () => ({}), greet: () => undefined }),
    log: { ...bench.log, with: () => bench.log } as never,
  });
}

function connect(): Host & { readonly session: Session } {
  const [near, far] = duplexPair();
  const session = new Session({
    stream: near,
    framing: 'auto',
    maxMessageBytes: 2_000_000,
    log: bench.log,
    onRequest: (request, from) => dispatcher.dispatch(request, from),
    onEnd: () => undefined,
  });
  onTestFinished(() => session.end());
  return Object.assign(new Host(far), { session });
}

/** A plugin whose `execute` has this as its body, with `request` and `call` in scope. */
const execute = (body: string) => ({
  manifest: { handles: ['execute'] },
  code: `return { handlers: [on('execute', (request, call) => { ${body} })] };`,
});

/** One that records what it begins and waits at the gate that the command names. */
const waiting = {
  manifest: { handles: ['execute', 'file_read', 'thaw'] },
  code: `
    const wait = (field) => async (request, call) => {
      record(call.id);
      await Promise.race([gate(request[field] ?? ''), new Promise((resolve, reject) =>
        call.signal.addEventListener('abort', () => reject(call.signal.reason)))]);
      return {};
    };
    return { handlers: [on('execute', wait('command')), on('file_read', wait('path')), on('thaw', wait('none'))] };`,
};

const tight: Limits = {
  ...DEFAULT_LIMITS,
  execution: { running: 1, waiting: 2, waitingBytes: 1_000_000 },
};

const begun = (...ids: string[]) => vi.waitFor(() => expect(bench.records).toEqual(ids));

describe('every request gets exactly one answer', () => {
  it.each([
    ['returns', 'return { stdout: "hi" };', { exitCode: 0, code: undefined }],
    ['returns a promise', 'return Promise.resolve({ exitCode: 3 });', { exitCode: 3 }],
    ['returns nothing', '', { exitCode: 0, code: undefined }],
    ['throws an error', "throw new Error('bug');", { exitCode: -1, code: 9003 }],
    ['rejects', "return Promise.reject(new Error('bug'));", { exitCode: -1, code: 9003 }],
    ['throws a string', "throw 'bug';", { exitCode: -1, code: 9003 }],
    ['throws nothing', 'throw undefined;', { exitCode: -1, code: 9003 }],
    ['throws what has no text', 'throw Object.create(null);', { exitCode: -1, code: 9003 }],
    ['throws a symbol', 'throw Symbol("bug");', { exitCode: -1, code: 9003 }],
    ['returns what cannot be encoded', 'return { signal: { toString: null } };', { code: 2006 }],
    ['returns too much', 'return { stdout: "x".repeat(2e6) };', { exitCode: -1, code: 2003 }],
  ])('when a handler %s', async (_, body, expected) => {
    bench.write('x', execute(body));
    await serve();
    const host = connect();
    const id = host.send(Execute, { command: 'x' });
    expect(await host.answer(Execute, id)).toMatchObject(expected);
    host.send(Ping, {}, 'after');
    await host.first((message) => message.id === 'after');
    expect(host.count(id)).toBe(1);
    expect(settled.filter((text) => text.startsWith(id))).toHaveLength(1);
    expect(dispatcher.inFlight).toBe(0);
    expect(host.session.inFlight.size).toBe(0);
  });

  it("when a handler throws an AgentError of its bundle's own copy", async () => {
    const body = `
      class Copy extends Error {
        code = 4001; name = 'FILE_NOT_FOUND'; resolution = 'look'; context = undefined;
        get codeString() { return 'QXGA-4001'; }
        toString() { return 'QXGA-4001: ' + this.message; }
        toWire() { return { code: 4001, name: this.name, message: this.message }; }
      }
      Object.defineProperty(Copy.prototype, Symbol.for('limiquantix.AgentError'), { value: true });
      throw new Copy('File not found: /x');`;
    bench.write('x', execute(body));
    await serve();
    const answer = await connect().call(Execute, { command: 'x' });
    expect(answer).toMatchObject({ code: 4001, error: 'QXGA-4001: File not found: /x' });
  });

  it('when the failure itself is too long to be sent', async () => {
    bench.write('x', execute('throw new Error("x".repeat(3e6));'));
    await serve();
    const host = connect();
    const id = host.send(Execute, {});
    expect(await host.refusal(id)).toMatchObject({ code: 'QXGA-2006' });
    expect(settled).toEqual([`${id} INTERNAL_ERROR`]);
  });

  it('when the request cannot be decoded', async () => {
    bench.write('x', execute(''));
    await serve();
    const host = connect();
    const frame = requestFrame('bad', Execute, { command: 'abc' });
    frame[frame.length - 1] = 0xff;
    host.stream.write(frame);
    expect(await host.refusal('bad')).toMatchObject({
      code: 'QXGA-2001',
      message: expect.stringContaining('execute: '),
    });
    expect(host.count('bad')).toBe(1);
  });

  it('when no plugin answers, and it says why', async () => {
    bench.disabled.add('x');
    bench.write('x', execute(''));
    await serve();
    const host = connect();
    expect(await host.refusal(host.send(Execute, {}))).toMatchObject({
      code: 'QXGA-2002',
      message: expect.stringContaining('execute: the plugin x is disabled'),
    });
    expect(await host.refusal(host.send(Shutdown, {}))).toMatchObject({
      code: 'QXGA-2002',
      message: expect.stringContaining('no plugin answers shutdown'),
    });
  });

  it("when the plugin's code does not load", async () => {
    bench.write('x', { manifest: { handles: ['execute'] }, code: "throw new Error('no luck');" });
    await serve();
    const host = connect();
    expect(await host.call(Execute, {})).toMatchObject({ exitCode: -1, code: 9003 });
    expect(await host.refusal(host.send(Execute, {}))).toMatchObject({
      message: expect.stringContaining('the plugin x failed: no luck'),
    });
  });

  it('at once where nothing on its way has to wait', async () => {
    bench.write('x', execute('return { stdout: "hi" };'));
    await serve();
    const host = connect();
    await host.call(Execute, {});
    const payload = new Uint8Array();
    dispatcher.dispatch({ id: 'at-once', method: Execute, payload }, host.session);
    expect(dispatcher.inFlight).toBe(0);
    expect(settled.at(-1)).toBe('at-once ok');
    expect(await host.answer(Execute, 'at-once')).toMatchObject({ stdout: 'hi' });
  });

  it('when many come in one chunk', async () => {
    bench.write('x', execute('return { stdout: request.command };'));
    await serve();
    const host = connect();
    const ids = Array.from({ length: 70 }, (_, i) => `n-${i}`);
    host.stream.write(Buffer.concat(ids.map((id) => requestFrame(id, Execute, { command: id }))));
    const answers = await Promise.all(ids.map((id) => host.answer(Execute, id)));
    expect(answers.map(({ stdout }) => stdout)).toEqual(ids);
  });
});

describe('hooks', () => {
  const order: string[] = [];
  const note = (text: string) => () => void order.push(text);

  it('run in the order of the request', async () => {
    order.length = 0;
    bench.write('x', execute('record("handler"); return { stdout: request.command };'));
    await serve({
      taps: (hooks) => {
        hooks.authorize.tap('t', note('authorize') as () => undefined);
        hooks.admit.tap('t', note('admit') as () => undefined);
        hooks.request.tap('t', (request) => ({ ...request, command: 'changed' }));
        hooks.response.tap('t', (response) => ({ ...response, stderr: 'added' }));
        hooks.settled.tap('t', note('settled'));
      },
    });
    const answer = await connect().call(Execute, { command: 'asked' });
    expect(answer).toMatchObject({ stdout: 'changed', stderr: 'added' });
    await vi.waitFor(() => expect(order).toEqual(['authorize', 'admit', 'settled']));
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
    await serve({ taps });
    expect(await connect().call(Execute, {})).toMatchObject({ exitCode: -1, code: 8001 });
    expect(bench.records).toEqual([]);
  });

  it('are passed in order of their stage, whether they answer at once or later', async () => {
    order.length = 0;
    bench.write('x', execute('return { stdout: request.command };'));
    await serve({
      taps: ({ authorize, request }) => {
        authorize.tap({ name: 'third', stage: 2 }, note('third') as () => undefined);
        authorize.tapPromise('second', async () => note('second')() as undefined);
        authorize.tap({ name: 'first', stage: -100 }, note('first') as () => undefined);
        request.tapPromise('t', async (asked) => ({ ...asked, command: `${asked.command} later` }));
      },
    });
    expect(await connect().call(Execute, { command: 'x' })).toMatchObject({ stdout: 'x later' });
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
    await serve({ taps: ({ authorize }) => authorize.tap('t', fault as never) });
    expect(await connect().call(Execute, {})).toMatchObject({ exitCode: -1, code: 9003 });
    expect(bench.records).toEqual([]);
  });

  it.each([
    ['authorize', false],
    ['authorize', null],
    ['admit', false],
    ['admit', 'no'],
  ] as const)('that end %s with %j refuse, too', async (hook, value) => {
    bench.write('x', execute('record("ran");'));
    await serve({ taps: (hooks) => hooks[hook].tap('t', () => value as never) });
    expect(await connect().call(Execute, {})).toMatchObject({ exitCode: -1, code: 9003 });
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
      await serve({ taps });
      const host = connect();
      expect(await host.call(Execute, {})).toMatchObject({ exitCode: -1, code: 9003 });
      expect(settled).toEqual([expect.stringContaining('INTERNAL_ERROR')]);
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
    await serve({ taps: (hooks) => hooks.failure.tap('t', tap) });
    expect(await connect().call(Execute, {})).toMatchObject({ exitCode: -1, code });
  });

  it('that throw at settled change nothing', async () => {
    bench.write('x', execute('return { stdout: "hi" };'));
    const taps = (hooks: Hooks) =>
      hooks.settled.tap('t', () => {
        throw new Error('bug');
      });
    await serve({ taps });
    const host = connect();
    expect(await host.call(Execute, {})).toMatchObject({ stdout: 'hi' });
    expect(await host.call(Execute, {})).toMatchObject({ stdout: 'hi' });
    expect(dispatcher.inFlight).toBe(0);
  });
});

describe('cancel', () => {
  it('ends a request that runs', async () => {
    bench.write('x', waiting);
    await serve();
    const host = connect();
    const id = host.send(Execute, { command: 'never' });
    await begun(id);
    expect(await host.call(Cancel, { messageId: id })).toMatchObject({ success: true });
    expect(await host.answer(Execute, id)).toMatchObject({ exitCode: -1, code: 3003 });
    expect(host.count(id)).toBe(1);
  });

  it('ends a request that waits, which never begins', async () => {
    bench.write('x', waiting);
    await serve({ limits: tight });
    const host = connect();
    const [first, second] = [
      host.send(Execute, { command: 'a' }),
      host.send(Execute, { command: 'b' }),
    ];
    await begun(first);
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
    await serve();
    const [host, other] = [connect(), connect()];
    const id = host.send(Execute, { command: 'never' });
    await begun(id);
    expect(await other.call(Cancel, { messageId: id })).toMatchObject({
      success: false,
      code: 2005,
    });
  });
});

describe('limits', () => {
  it('refuse what is too much, and give every place back', async () => {
    bench.write('x', waiting);
    await serve({ limits: tight });
    const host = connect();
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
    await serve({ limits: tight });
    const host = connect();
    for (let i = 0; i < 5; i++) host.send(Execute, { command: 'never' });
    expect(await host.call(Ping, { sequence: 7 })).toMatchObject({ sequence: 7 });
    expect(await host.call(ListPlugins, {})).toMatchObject({ success: true });
    bench.open('');
    expect(await host.call(Thaw, {})).toMatchObject({ success: true });
  });

  it('let nothing begin whose host has left', async () => {
    bench.write('x', waiting);
    await serve({ limits: tight });
    const [host, other] = [connect(), connect()];
    const first = host.send(Execute, { command: 'a' }, 'first');
    await begun(first);
    host.send(Execute, { command: 'b' }, 'second');
    host.send(Execute, { command: 'c' }, 'third');
    await vi.waitFor(() => expect(host.session.inFlight.size).toBe(3));
    host.session.end();
    await vi.waitFor(() => expect(dispatcher.inFlight).toBe(1));
    other.send(Execute, { command: 'd' }, 'other');
    bench.open('a');
    await begun('first', 'other');
    expect(settled).toEqual(['second CONNECTION_LOST', 'third CONNECTION_LOST', 'first ok']);
  });

  it('are not used up by a host that does not read', async () => {
    bench.write('x', waiting);
    await serve({ limits: tight });
    const [silent, host] = [connect(), connect()];
    silent.stream.pause();
    const data = new Uint8Array(1_500_000);
    for (let i = 0; i < 4; i++) silent.session.answer(`a${i}`, FileRead, { data });
    expect(silent.session.outbox.full).toBe(true);
    const both = ['stuck', 'cancelled'].map((id) => requestFrame(id, Execute, { command: 'a' }));
    silent.stream.write(Buffer.concat(both));
    await vi.waitFor(() => expect(silent.session.inFlight.size).toBe(2));
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
    await serve({ limits: tight });
    const host = connect();
    host.send(Execute, { command: 'a' }, 'runs');
    await begun('runs');
    const large = (() => {
      const chunk = new Uint8Array(5_000_000);
      chunk.set(requestFrame('waits', Execute, { command: 'a' }));
      const payload = chunk.subarray(20, 30);
      dispatcher.dispatch({ id: 'waits', method: Execute, payload }, host.session);
      return new WeakRef(chunk.buffer);
    })();
    await vi.waitFor(() => {
      collect();
      expect(large.deref()?.byteLength).toBeUndefined();
    });
  });
});

describe('the end of the agent', () => {
  it('ends every call, and begins none but what must be served', async () => {
    bench.write('x', waiting);
    await serve({ limits: tight });
    const host = connect();
    const [runs, waits] = [
      host.send(Execute, { command: 'a' }),
      host.send(Execute, { command: 'b' }),
    ];
    await begun(runs);
    dispatcher.stop(new AgentError('CONNECTION_LOST', { detail: 'the agent stops' }));
    const late = host.send(Execute, { command: 'c' });
    for (const id of [runs, waits, late]) {
      expect(await host.answer(Execute, id)).toMatchObject({ exitCode: -1, code: 1003 });
    }
    expect(await host.call(Ping, { sequence: 1 })).toMatchObject({ sequence: 1 });
    expect(bench.records).toEqual([runs]);
    expect(dispatcher.inFlight).toBe(0);
  });
});

describe('the memory of a request', () => {
  const upload = {
    manifest: { handles: ['file_write'] },
    code: `return { handlers: [on('file_write', async ({ data }, call) => {
      call.releaseRequest();
      call.releaseRequest();
      return { bytesWritten: data.length };
    })] };`,
  };

  it('is given back when its handler says so', async () => {
    bench.write('x', upload);
    await serve();
    const answer = await connect().call(FileWrite, { data: new Uint8Array(9000) });
    expect(answer).toMatchObject({ success: true, bytesWritten: 0 });
  });

  it('stays where another request lies in it', async () => {
    bench.write('x', upload);
    await serve();
    const host = connect();
    const frames = ['a', 'b'].map((id) => requestFrame(id, FileWrite, { data: Buffer.alloc(900) }));
    host.stream.write(Buffer.concat(frames));
    for (const id of ['a', 'b']) {
      expect(await host.answer(FileWrite, id)).toMatchObject({ bytesWritten: 900 });
    }
  });
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
    await serve();
    const host = connect();
    const old = host.send(Execute, {});
    await begun('1.0.0');
    bench.write('x', version('1.1.0'));
    const { plugin } = await host.call(PluginControl, { name: 'x', action: PluginAction.RELOAD });
    expect(plugin?.version).toBe('1.1.0');
    bench.open('1.1.0');
    expect(await host.call(Execute, {})).toMatchObject({ stdout: '1.1.0' });
    bench.open('1.0.0');
    expect(await host.answer(Execute, old)).toMatchObject({ stdout: '1.0.0' });
    await vi.waitFor(() => expect(bench.records.at(-1)).toBe('disposed 1.0.0'));
    expect(infoOf(registry, 'x')).toMatchObject({ requestsServed: 2, requestsFailed: 0 });
  });

  it.each([
    [PluginAction.ROLLBACK, 'x', 9006],
    [PluginAction.RELOAD, 'nope', 9002],
    [77, 'x', 9006],
  ])('answers action %i of "%s" with its error', async (action, name, code) => {
    bench.write('x', version('1.0.0'));
    await serve();
    expect(await connect().call(PluginControl, { name, action })).toMatchObject({
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
    await serve();
    const host = connect();
    const payload = Buffer.from('hello');
    const answer = await host.call(PluginCall, { plugin: 'x', method: 'echo', payload });
    expect(answer.success).toBe(true);
    expect(Buffer.from(answer.payload)).toEqual(payload);
    const nothing = await host.call(PluginCall, { plugin: 'x', method: 'nothing' });
    expect(nothing).toMatchObject({ success: true });
    const failed = await host.call(PluginCall, { plugin: 'x', method: 'fail' });
    expect(infoOf(registry, 'x')).toMatchObject({ requestsServed: 3, requestsFailed: 1 });
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
    await serve();
    expect(await connect().call(PluginCall, { plugin, method })).toMatchObject({
      success: false,
      code: 2002,
    });
  });

  it('of a plugin that is disabled meanwhile ends with it', async () => {
    const code = `return { methods: { slow: async () => { record('began'); await gate('go'); return new Uint8Array([1]); } },
      dispose: () => record('disposed') };`;
    bench.write('x', { manifest: { methods: ['slow'] }, code });
    await serve();
    const host = connect();
    const id = host.send(PluginCall, { plugin: 'x', method: 'slow' });
    await begun('began');
    await host.call(PluginControl, { name: 'x', action: PluginAction.DISABLE });
    bench.open('go');
    expect(await host.answer(PluginCall, id)).toMatchObject({ success: true });
    await begun('began', 'disposed');
  });
});
