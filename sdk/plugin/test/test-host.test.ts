import {
  AgentError,
  Execute,
  type ExecuteRequest,
  Ping,
  Telemetry,
} from '@limiquantix/agent-proto';
import { afterEach, expect, test } from 'vitest';
import { on } from '../src/handler.ts';
import { type Contribution, definePlugin, type PluginContext, Skip } from '../src/plugin.ts';
import { type TestHost, type TestHostOptions, testHost } from '../src/testing/index.ts';

interface Config {
  readonly greeting: string;
}

const PACKAGE = {
  name: '@acme/plugin-thing',
  version: '1.2.3',
  main: 'dist/plugin.cjs',
  limiquantix: {
    sdk: '^1.0.0',
    activation: 'onStart',
    platforms: ['linux'],
    handles: ['execute'],
    config: {
      type: 'object',
      additionalProperties: false,
      properties: { greeting: { type: 'string', default: 'hello' } },
    },
  },
};

const stops: TestHost[] = [];
afterEach(async () => {
  for (const host of stops.splice(0)) await host.stop();
});

async function host(
  activate: (context: PluginContext<Config>) => Contribution | Skip,
  options: Omit<TestHostOptions, 'package'> = {},
): Promise<TestHost> {
  const started = await testHost(definePlugin(activate), { package: PACKAGE, ...options });
  stops.push(started);
  return started;
}

test('gives a plugin its name, its settings with their defaults, and its limits', async () => {
  let seen: PluginContext<Config> | undefined;
  await host(
    (context) => {
      seen = context;
      return {};
    },
    { maxChunkBytes: 1024 },
  );
  expect(seen).toMatchObject({
    name: 'thing',
    version: '1.2.3',
    config: { greeting: 'hello' },
    agent: { maxChunkBytes: 1024, maxMessageBytes: 4 * 1024 * 1024 },
  });
  expect(Object.isFrozen(seen?.config)).toBe(true);
});

test('refuses settings that the schema does not allow, and a manifest that is wrong', async () => {
  const config = { greetings: 'typo' };
  await expect(host(() => ({}), { config })).rejects.toThrow(/settings.*additional/);
  const wrong = { ...PACKAGE, main: 'plugin.so' };
  const start = testHost(
    definePlugin(() => ({})),
    { package: wrong },
  );
  await expect(start).rejects.toThrow(/package\.json.*main/);
});

test('passes a request and its answer through their codecs', async () => {
  let asked: ExecuteRequest | undefined;
  const { call } = await host(() => ({
    handlers: [
      on(Execute, (request) => {
        asked = request;
        return { exitCode: -1, stdout: 'out' };
      }),
    ],
  }));
  const answer = await call(Execute, { command: 'true', environment: { A: 'b' } });
  // What was left out has its default on both sides.
  expect(asked).toMatchObject({ command: 'true', args: [], timeoutSeconds: 0 });
  expect(asked?.environment).toEqual({ A: 'b' });
  expect(asked?.includeSupplementaryGroups).toBeUndefined();
  expect(answer).toMatchObject({ exitCode: -1, stdout: 'out', stderr: '', timedOut: false });
});

test('throws what the handler threw', async () => {
  const thrown = new AgentError('FILE_NOT_FOUND', { detail: '/nowhere' });
  const { call } = await host(() => ({
    handlers: [
      on(Execute, () => {
        throw thrown;
      }),
    ],
  }));
  await expect(call(Execute, {})).rejects.toBe(thrown);
});

test('says which method nobody answers', async () => {
  const { call } = await host(() => ({}));
  await expect(call(Ping, {})).rejects.toThrow('ping');
});

test('hands the handler the signal of its caller', async () => {
  const { call } = await host(() => ({
    handlers: [
      on(Execute, (_request, { signal }) => ({
        stdout: String(signal.reason),
        timedOut: signal.aborted,
      })),
    ],
  }));
  const signal = AbortSignal.abort('cancelled');
  expect(await call(Execute, {}, { signal })).toMatchObject({
    stdout: 'cancelled',
    timedOut: true,
  });
  expect(await call(Execute, {})).toMatchObject({ timedOut: false });
});

test('runs the taps, keeps the events and the log, and disposes once', async () => {
  const steps: string[] = [];
  const started = await testHost(
    definePlugin<Config>(({ name, emit, log }) => ({
      tap(hooks) {
        hooks.started.tap(name, () => void steps.push('started'));
        hooks.stopping.tap(name, () => void steps.push('stopping'));
        hooks.connected.tap(name, ({ id }) => {
          log.info('greeting', { id });
          emit(Telemetry, { hostname: 'guest' }, id);
        });
      },
      dispose: () => void steps.push('disposed'),
    })),
    { package: PACKAGE },
  );
  expect(steps).toEqual(['started']);
  started.hooks.connected.call({ id: 'session' });
  expect(started.events).toEqual([{ event: Telemetry, message: { hostname: 'guest' } }]);
  expect(started.log).toEqual([{ level: 'info', message: 'greeting', fields: { id: 'session' } }]);
  await started.stop();
  expect(steps).toEqual(['started', 'stopping', 'disposed']);
});

test('says why a plugin skips this guest', async () => {
  await expect(host(() => Skip('no display here'))).rejects.toThrow('no display here');
});

test('closes the gate through the hooks', async () => {
  const steps: string[] = [];
  let close: (() => Promise<void>) | undefined;
  const { hooks } = await host(({ freezeGate }) => {
    close = async () => {
      await freezeGate.close(async () => undefined);
      freezeGate.open();
    };
    return {};
  });
  hooks.freezing.tapPromise('test', async () => void steps.push('freezing'));
  hooks.thawed.tap('test', () => void steps.push('thawed'));
  await close?.();
  expect(steps).toEqual(['freezing', 'thawed']);
});

test("calls a plugin's own method, which can be cancelled and fail", async () => {
  const { callMethod } = await host(() => ({
    methods: {
      greet: (payload, call) => {
        if (call.signal.aborted) throw new AgentError('EXECUTION_TIMEOUT');
        return Buffer.concat([Buffer.from('hello '), payload]);
      },
    },
  }));
  const answer = await callMethod('greet', Buffer.from('you'));
  expect(Buffer.from(answer).toString()).toBe('hello you');
  await expect(
    callMethod('greet', new Uint8Array(), { signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ name: 'EXECUTION_TIMEOUT' });
  await expect(callMethod('shout', new Uint8Array())).rejects.toMatchObject({
    name: 'UNKNOWN_MESSAGE_TYPE',
  });
});
