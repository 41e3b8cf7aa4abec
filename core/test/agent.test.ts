import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  AgentReady,
  ErrorReport,
  Execute,
  FileRead,
  GetCapabilities,
  ListPlugins,
  Ping,
  PluginState,
  PluginStateChanged,
  Thaw,
} from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Agent } from '../src/agent.ts';
import { type Configuration, readOrDegrade } from '../src/config/configuration.ts';
import { openLog } from '../src/log/log.ts';
import { Host, type Received } from './host.ts';
import { type PluginSource, writePlugin } from './plugins.ts';
import { temporaryFolder } from './temporary.ts';

let folder: string;
let file: string;
let socket: string;
let logged: string;

beforeEach(() => {
  folder = temporaryFolder();
  const run = temporaryFolder();
  file = join(run, 'agent.yaml');
  socket = join(run, 'agent.sock');
  logged = '';
  writePlugin(folder, 'execute', echo);
});

const echo: PluginSource = {
  manifest: {
    handles: ['execute'],
    provides: ['execute'],
    config: { type: 'object', properties: { greeting: { type: 'string', default: 'hi' } } },
  },
  code: `return { handlers: [on('execute', async ({ command }, { signal }) => {
    if (command === 'wait') await new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason)));
    return { stdout: context.config.greeting };
  })] };`,
};

function configure(text: string): Promise<Configuration> {
  writeFileSync(file, text, { mode: 0o600 });
  return readOrDegrade({ config: file, device: `unix:${socket}`, logLevel: undefined }, folder);
}

async function start(text = ''): Promise<Agent> {
  const configuration = await configure(text);
  const output = new PassThrough().on('data', (chunk) => {
    logged += chunk;
  });
  const log = openLog(configuration.config, output);
  const agent = new Agent(configuration, log);
  onTestFinished(async () => {
    await agent.stop();
    await log.close();
  });
  await agent.start();
  return agent;
}

function dial(): Host {
  const stream = connect(socket);
  onTestFinished(() => void stream.destroy());
  return new Host(stream);
}

const of = (field: number) => (message: Received) => message.field === field;
const ready = async (host: Host) => host.event(await host.first(of(AgentReady.field)), AgentReady);

describe('a session', () => {
  it('begins with AgentReady, which is sent once', async () => {
    await start();
    const [one, two] = [dial(), dial()];
    await one.call(Ping, {});
    expect(one.received.map(({ field }) => field)).toEqual([AgentReady.field, Ping.response]);
    const first = await ready(one);
    expect(first).toMatchObject({ version: '0.0.0-source', capabilities: ['execute'] });
    expect(first.degraded).toBeUndefined();
    expect((await ready(two)).sessionId).not.toBe(first.sessionId);
  });

  it('is not lost to a plugin whose taps throw', async () => {
    const code = `
      const fail = () => { throw new Error('bug'); };
      return { tap(hooks) {
        hooks.connected.tap('bad', fail);
        hooks.capabilities.tap('bad', fail);
        hooks.settled.tap('bad', fail);
        hooks.failure.tap('bad', fail);
      } };`;
    writePlugin(folder, 'bad', { manifest: { activation: 'onStart' }, code });
    await start();
    const host = dial();
    expect(await host.call(Execute, { command: 'x' })).toMatchObject({ stdout: 'hi' });
    expect(await ready(host)).toMatchObject({ capabilities: ['execute'] });
    await expect.poll(() => logged).toContain('a tap of connected threw: Error: bug');
  });

  it('is served where a plugin does not start', async () => {
    const code =
      "return { tap: (hooks) => hooks.started.tap('bad', () => { throw new Error('no port'); }) };";
    writePlugin(folder, 'bad', { manifest: { activation: 'onStart' }, code });
    await start();
    const { plugins } = await dial().call(ListPlugins, {});
    expect(plugins.map(({ name, state, error }) => [name, state, error])).toEqual([
      ['bad', PluginState.FAILED, 'no port'],
      ['execute', PluginState.READY, ''],
    ]);
  });
});

describe('a configuration that cannot be used', () => {
  it('leaves ping, get_capabilities and thaw, and is told', async () => {
    await start('log_lvl: debug\n');
    const host = dial();
    const { degraded } = await ready(host);
    expect(degraded).toMatchObject({ code: 9002, name: 'CONFIG_INVALID' });
    expect(degraded?.message).toContain(`${file}:1: log_lvl is not a known key`);
    const event = host.event(await host.first(of(ErrorReport.field)), ErrorReport);
    expect(event).toMatchObject({ code: 'QXGA-9002', severity: 2 });
    expect(await host.call(Ping, { sequence: 3 })).toMatchObject({ sequence: 3 });
    expect((await host.call(GetCapabilities, {})).capabilities).toEqual([]);
    expect(await host.call(Execute, { command: 'x' })).toMatchObject({ exitCode: -1, code: 9002 });
    expect(await host.refusal(host.send(Thaw, {}))).toMatchObject({ code: 'QXGA-2002' });
  });

  it('is left as soon as the file is right', async () => {
    const agent = await start('log_lvl: debug\n');
    const host = dial();
    await agent.reconfigure(await configure('log_level: debug\n'));
    expect(await host.call(Execute, { command: 'x' })).toMatchObject({ stdout: 'hi' });
  });
});

describe('reading the configuration again', () => {
  it('takes over what can change while running', async () => {
    const agent = await start();
    const host = dial();
    await agent.reconfigure(await configure('plugins:\n  execute:\n    greeting: hello\n'));
    expect(await host.call(Execute, { command: 'x' })).toMatchObject({ stdout: 'hello' });
    await agent.reconfigure(await configure('plugins:\n  execute:\n    enabled: false\n'));
    expect(await host.refusal(host.send(Execute, {}))).toMatchObject({ code: 'QXGA-2002' });
    await agent.reconfigure(await configure(''));
    expect(await host.call(Execute, { command: 'x' })).toMatchObject({ stdout: 'hi' });
    await agent.reconfigure(await configure('security:\n  command_blocklist: [/bin/rm]\n'));
    expect(await host.call(Execute, { command: 'x' })).toMatchObject({ code: 8002 });
  });

  it('tells only of the plugins that changed', async () => {
    writePlugin(folder, 'other', { code: 'return {};' });
    const agent = await start('plugins:\n  other:\n    enabled: false\n');
    const host = dial();
    await host.call(Ping, {});
    await agent.reconfigure(
      await configure('plugins:\n  other:\n    enabled: false\n  execute:\n    greeting: x\n'),
    );
    await host.call(Ping, {});
    const changes = host.received.filter(of(PluginStateChanged.field));
    expect(changes.map((change) => host.event(change, PluginStateChanged).plugin?.name)).toEqual([
      'execute',
    ]);
  });

  it('stays with what it has where the file is not right, and says so', async () => {
    const agent = await start();
    const host = dial();
    await host.call(Ping, {});
    await agent.reconfigure(await configure('framing: morse\n'));
    const event = host.event(await host.first(of(ErrorReport.field)), ErrorReport);
    expect(event).toMatchObject({ code: 'QXGA-9002' });
    expect(await host.call(Execute, { command: 'x' })).toMatchObject({ stdout: 'hi' });
  });

  it('says what counts only after a restart', async () => {
    const agent = await start();
    const host = dial();
    const text = 'framing: plain\nmax_message_bytes: 2000000\nhealth:\n  interval_secs: 5\n';
    await agent.reconfigure(await configure(text));
    const keys = '"keys":["framing","max_message_bytes","health"]';
    await expect.poll(() => logged).toContain(keys);
    expect(await host.call(GetCapabilities, {})).toMatchObject({ maxMessageBytes: 4_194_304 });
  });

  it('tells plugins the size of a chunk as it is now', async () => {
    const code = `return { handlers: [on('file_read', () => {
      return { totalSize: context.agent.maxChunkBytes };
    })] };`;
    writePlugin(folder, 'file', { manifest: { handles: ['file_read'] }, code });
    const agent = await start();
    const host = dial();
    expect(await host.call(FileRead, {})).toMatchObject({ totalSize: 65_536 });
    await agent.reconfigure(await configure('max_chunk_size: 8192\n'));
    expect(await host.call(FileRead, {})).toMatchObject({ totalSize: 8192 });
  });

  it('ends a plugin whose capabilities are all disabled', async () => {
    const agent = await start('disabled_capabilities: [execute]\n');
    const host = dial();
    expect((await host.call(ListPlugins, {})).plugins[0]?.state).toBe(PluginState.DISABLED);
    expect(await host.call(Execute, {})).toMatchObject({ exitCode: -1, code: 2002 });
    await agent.reconfigure(await configure(''));
    expect(await host.call(Execute, { command: 'x' })).toMatchObject({ stdout: 'hi' });
  });
});

describe('the end', () => {
  it('answers what is in flight before it hangs up, however often it is asked for', async () => {
    const agent = await start();
    const host = dial();
    const id = host.send(Execute, { command: 'wait' });
    const state = async () => (await host.call(ListPlugins, {})).plugins[0]?.state;
    await expect.poll(state).toBe(PluginState.ACTIVE);
    const hungUp = new Promise((resolve) => host.stream.once('close', resolve));
    await Promise.all([agent.stop(), agent.stop()]);
    await hungUp;
    expect(await host.answer(Execute, id)).toMatchObject({ exitCode: -1, code: 1003 });
    await expect.poll(() => logged).toContain('agent stopped');
    expect(logged.match(/agent stopped/g)).toHaveLength(1);
  });
});

describe('telemetry that does not come', () => {
  const health =
    'telemetry_interval_secs: 0.1\nhealth:\n  interval_secs: 1\n  telemetry_timeout_secs: 1\n';

  /** A machine that stands still for a second is told of too. */
  const missed = (host: Host) => (message: Received) =>
    message.field === ErrorReport.field &&
    host.event(message, ErrorReport).message.includes('no telemetry');

  it('is told where a plugin should send it', async () => {
    writePlugin(folder, 'telemetry', { manifest: { provides: ['telemetry'] }, code: 'return {};' });
    await start(health);
    const host = dial();
    const event = host.event(await host.first(missed(host)), ErrorReport);
    expect(event).toMatchObject({ severity: 0 });
  });

  it('is not missed where none does', async () => {
    await start(health);
    const host = dial();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(host.received.filter(missed(host))).toEqual([]);
  });
});
