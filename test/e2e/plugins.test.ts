import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentClient } from '@limiquantix/agent-client';
import {
  ErrorReason,
  Execute,
  FileWrite,
  GetCapabilities,
  ListPlugins,
  Ping,
  PluginAction,
  PluginCall,
  PluginControl,
  PluginState,
  Thaw,
} from '@limiquantix/agent-proto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentProcess } from '../support/agent-process.ts';

let agent: AgentProcess;
afterEach(() => agent.stop());

/** A third party's plugin, as it would be installed. */
function writePlugin(dir: string, version: string, answer: string): void {
  mkdirSync(join(dir, 'greet'), { recursive: true });
  const manifest = {
    sdk: '^1.0.0',
    provides: ['greeting'],
    methods: ['greet'],
    activation: 'onRequest',
    platforms: ['linux'],
  };
  writeFileSync(
    join(dir, 'greet/package.json'),
    JSON.stringify({
      name: '@acme/plugin-greet',
      version,
      main: 'plugin.cjs',
      limiquantix: manifest,
    }),
    { mode: 0o644 },
  );
  writeFileSync(
    join(dir, 'greet/plugin.cjs'),
    `exports.default = { activate: () => ({ methods: { greet: async (name) => {
       await new Promise((resolve) => setTimeout(resolve, name.length * 100));
       return Buffer.from('${answer} ' + Buffer.from(name)); } } }) };`,
    { mode: 0o644 },
  );
}

describe('plugins of the configuration', () => {
  it('are gone when disabled: not announced, not answered, their code not loaded', async () => {
    agent = await AgentProcess.start({ config: 'plugins:\n  execute:\n    enabled: false\n' });
    const client = await agent.client();
    const { capabilities, plugins } = await client.call(GetCapabilities, {});
    expect(capabilities).not.toContain('execute');
    expect(plugins.find(({ name }) => name === 'execute')?.state).toBe(PluginState.DISABLED);
    await expect(client.call(Execute, { command: 'true' })).rejects.toMatchObject({
      code: 2002,
      message: expect.stringContaining('disabled'),
    });
    await expect(client.call(FileWrite, { path: join(agent.dir, 'x') })).resolves.toMatchObject({
      success: true,
    });
  });

  it('lose single capabilities', async () => {
    agent = await AgentProcess.start({ config: 'disabled_capabilities: [file_write]\n' });
    const client = await agent.client();
    const { capabilities } = await client.call(GetCapabilities, {});
    expect(capabilities).toContain('file_read');
    expect(capabilities).not.toContain('file_write');
    await expect(client.call(FileWrite, { path: join(agent.dir, 'x') })).rejects.toMatchObject({
      code: 2002,
    });
  });

  it('change with SIGHUP, and a bad file changes nothing', async () => {
    agent = await AgentProcess.start();
    const client = await agent.client();
    agent.configure('plugins:\n  execute:\n    enabled: false\n');
    agent.signal('SIGHUP');
    await agent.waitForLog('configuration read again');
    await expect(client.call(Execute, { command: 'true' })).rejects.toMatchObject({ code: 2002 });
    agent.configure('plugins: nonsense\n');
    agent.signal('SIGHUP');
    await agent.waitForLog('the configuration stays as it was');
    agent.configure('');
    agent.signal('SIGHUP');
    await agent.waitForLog('"plugin":"execute"');
    await expect
      .poll(() =>
        client.call(Execute, { command: 'true' }).then(
          (a) => a.exitCode,
          () => -1,
        ),
      )
      .toBe(0);
  });
});

describe('a plugin of a third party', () => {
  it('knows by its own clock when a request arrived', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qxga-plugins-'));
    writePlugin(folder, '1.0.0', 'hello');
    writeFileSync(
      join(folder, 'greet/plugin.cjs'),
      `exports.activate = () => ({ methods: {
         greet: (_, call) => Buffer.from(String(performance.now() - call.receivedAt)) } });`,
    );
    agent = await AgentProcess.start({ config: `plugin_dirs: [${folder}]\n` });
    const client = await agent.client();
    const { payload } = await client.call(PluginCall, { plugin: 'greet', method: 'greet' });
    const ageMs = Number(Buffer.from(payload));
    // The two clocks begin a millisecond apart.
    expect(ageMs).toBeGreaterThan(-10);
    expect(ageMs).toBeLessThan(10_000);
    rmSync(folder, { recursive: true });
  });
});

describe('plugin_control', () => {
  it('disables, enables and reloads', async () => {
    agent = await AgentProcess.start();
    const client = await agent.client();
    const control = (action: number) => client.call(PluginControl, { name: 'execute', action });
    const run = () => client.call(Execute, { command: 'echo', args: ['x'] });
    await run();
    expect((await control(PluginAction.RELOAD)).plugin).toMatchObject({
      state: PluginState.ACTIVE,
    });
    await run();
    await control(PluginAction.DISABLE);
    await expect(run()).rejects.toMatchObject({ code: 2002 });
    await control(PluginAction.ENABLE);
    await run();
    await expect(control(PluginAction.ROLLBACK)).rejects.toMatchObject({ code: 9006 });
    await expect(client.call(PluginControl, { name: 'nonsense', action: 0 })).rejects.toMatchObject(
      { message: expect.stringContaining('nonsense') },
    );
    const { plugins } = await client.call(ListPlugins, {});
    expect(plugins.map(({ name }) => name)).toEqual(expect.arrayContaining(['execute', 'file']));
  });

  it('cannot enable what the guest has disabled', async () => {
    agent = await AgentProcess.start({
      config: 'disabled_capabilities: [execute]\nplugins:\n  file:\n    enabled: false\n',
    });
    const client = await agent.client();
    for (const name of ['execute', 'file']) {
      const request = { name, action: PluginAction.ENABLE };
      await expect(client.call(PluginControl, request)).rejects.toMatchObject({
        code: 9002,
        reason: ErrorReason.DENIED,
        resolution: expect.stringContaining('agent.yaml'),
      });
    }
    await expect(client.call(Execute, { command: 'true' })).rejects.toMatchObject({ code: 2002 });
    const { capabilities } = await client.call(GetCapabilities, {});
    expect(capabilities).not.toContain('file_read');
  });

  it('swaps a third-party plugin without losing the calls in flight', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qxga-plugins-'));
    writePlugin(folder, '1.0.0', 'hello');
    agent = await AgentProcess.start({ config: `plugin_dirs: [${folder}]\n` });
    const client = await agent.client();
    const greet = async (name: string) => {
      const request = { plugin: 'greet', method: 'greet', payload: Buffer.from(name) };
      return Buffer.from((await client.call(PluginCall, request)).payload).toString();
    };
    expect(await greet('a')).toBe('hello a');
    const slow = greet('slowly');
    // The client sends what carries no payload first; this comes back when both have begun.
    await client.call(Ping, {});
    writePlugin(folder, '1.1.0', 'good day');
    const { plugin } = await client.call(PluginControl, {
      name: 'greet',
      action: PluginAction.RELOAD,
    });
    expect(plugin).toMatchObject({ version: '1.1.0', thirdParty: true });
    expect(await greet('b')).toBe('good day b');
    expect(await slow).toBe('hello slowly');
    writeFileSync(join(folder, 'greet/plugin.cjs'), 'throw new Error("broken build")');
    await expect(
      client.call(PluginControl, { name: 'greet', action: PluginAction.RELOAD }),
    ).rejects.toMatchObject({ message: expect.stringContaining('broken build') });
    expect(await greet('c')).toBe('good day c');
    rmSync(folder, { recursive: true });
  });
});

describe('with SIGHUP', () => {
  let folder: string;
  let client: AgentClient;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'qxga-plugins-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function greet(name: string): Promise<string> {
    const request = { plugin: 'greet', method: 'greet', payload: Buffer.from(name) };
    return Buffer.from((await client.call(PluginCall, request)).payload).toString();
  }
  /** Undefined while it is not listed. */
  async function version(): Promise<string | undefined> {
    const { plugins } = await client.call(ListPlugins, {});
    return plugins.find(({ name }) => name === 'greet')?.version;
  }
  /** A call that has begun, and goes on for a while. */
  async function begun(): Promise<{ readonly answer: Promise<string> }> {
    const answer = greet('slowly and slowly');
    await client.call(Ping, {});
    return { answer };
  }

  it('plugins are found that were installed, changed or removed, and no call is lost', async () => {
    agent = await AgentProcess.start({ config: `plugin_dirs: [${folder}]\n` });
    client = await agent.client();
    await expect(greet('a')).rejects.toThrow('no such plugin is installed');
    writePlugin(folder, '1.0.0', 'hello');
    agent.signal('SIGHUP');
    await expect.poll(version).toBe('1.0.0');
    expect(await greet('a')).toBe('hello a');

    const first = await begun();
    writePlugin(folder, '1.1.0', 'good day');
    agent.signal('SIGHUP');
    await expect.poll(version).toBe('1.1.0');
    expect(await greet('b')).toBe('good day b');
    expect(await first.answer).toBe('hello slowly and slowly');

    const second = await begun();
    rmSync(join(folder, 'greet'), { recursive: true });
    agent.signal('SIGHUP');
    await expect.poll(version).toBeUndefined();
    await expect(greet('c')).rejects.toThrow('no such plugin is installed');
    expect(await second.answer).toBe('good day slowly and slowly');
  });

  it('a plugin that cannot be read any more goes on', async () => {
    writePlugin(folder, '1.0.0', 'hello');
    agent = await AgentProcess.start({ config: `plugin_dirs: [${folder}]\n` });
    client = await agent.client();
    writeFileSync(join(folder, 'greet/package.json'), '{"half');
    agent.signal('SIGHUP');
    await agent.waitForLog('plugin ignored');
    await agent.waitForLog('configuration read again');
    expect(await greet('a')).toBe('hello a');
  });

  it('plugins come and go with their directory in the configuration', async () => {
    writePlugin(folder, '1.0.0', 'hello');
    agent = await AgentProcess.start();
    client = await agent.client();
    agent.configure(`plugin_dirs: [${folder}]\n`);
    agent.signal('SIGHUP');
    await expect.poll(version).toBe('1.0.0');
    expect(await greet('a')).toBe('hello a');
    agent.configure('');
    agent.signal('SIGHUP');
    await expect.poll(version).toBeUndefined();
    await client.call(Execute, { command: 'true' });
  });
});

describe('a third party whose plugin', () => {
  const source = `exports.activate = () => ({ methods: {
    stray: () => { setTimeout(() => { throw new Error('out of a timer'); }); return Buffer.alloc(1); },
    text: () => 'no bytes',
    long: () => Buffer.alloc(5_000_000),
    thrown: () => { throw new TypeError('x is undefined'); },
    never: () => new Promise(() => {}),
  } });`;
  const methods = ['stray', 'text', 'long', 'thrown', 'never'];
  let folder: string;

  async function install(code: string, manifest: object = {}): Promise<AgentClient> {
    folder = mkdtempSync(join(tmpdir(), 'qxga-plugins-'));
    mkdirSync(join(folder, 'rude'));
    const limiquantix = {
      ...{ sdk: '^1.0.0', methods, activation: 'onRequest', platforms: ['linux'] },
      ...manifest,
    };
    const found = { name: 'rude', version: '1.0.0', main: 'plugin.cjs', limiquantix };
    for (const [name, text] of [
      ['package.json', JSON.stringify(found)],
      ['plugin.cjs', code],
    ] as const) {
      writeFileSync(join(folder, 'rude', name), text, { mode: 0o644 });
    }
    agent = await AgentProcess.start({ config: `plugin_dirs: [${folder}]\n` });
    return agent.client();
  }
  afterEach(() => rmSync(folder, { recursive: true }));

  const call = (client: AgentClient, method: string, timeoutMs = 5000) =>
    client.call(PluginCall, { plugin: 'rude', method }, { timeoutMs });

  it('misbehaves in its methods costs itself alone', async () => {
    const client = await install(source);
    await call(client, 'stray');
    await agent.waitForLog('uncaught exception: Error: out of a timer');
    for (const [method, code, text] of [
      ['text', 9003, 'rude.text returned is no bytes'],
      ['long', 2003, '5000'],
      ['thrown', 9003, 'x is undefined'],
      ['none', 2002, 'its methods are: stray, text'],
    ] as const) {
      await expect(call(client, method)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(text),
      });
    }
    await expect(call(client, 'never', 300)).rejects.toMatchObject({ code: 1005 });
    await client.call(Ping, {});
  });

  it.each([
    ['hangs', 'new Promise(() => {})'],
    ['throws', 'Promise.reject(new Error("no"))'],
  ])('%s in a hook of every request can still be disabled', async (_, what) => {
    const tap = `hooks.authorize.tapPromise('rude', () => ${what})`;
    const client = await install(`exports.activate = () => ({ tap(hooks) { ${tap}; } });`, {
      methods: [],
      activation: 'onStart',
    });
    await expect(client.call(Execute, { command: 'true' }, { timeoutMs: 300 })).rejects.toThrow();
    await client.call(Ping, {});
    await client.call(GetCapabilities, {});
    await client.call(PluginControl, { name: 'rude', action: PluginAction.DISABLE });
    expect(await client.call(Execute, { command: 'true' })).toMatchObject({ exitCode: 0 });
  });

  it.each([
    [
      'throws as it starts',
      "exports.activate = () => { throw new Error('no such device'); };",
      {},
      'failed: no such device',
    ],
    ['is no CommonJS', 'export default {}', {}, 'cannot be loaded'],
    ['wants another SDK', source, { sdk: '^2.0.0' }, 'needs version ^2.0.0 of the plugin SDK'],
  ])('%s is told so', async (_, code, manifest, reason) => {
    const client = await install(code, manifest);
    for (let times = 0; times < 2; times++) {
      await expect(call(client, 'stray')).rejects.toMatchObject({
        message: expect.stringContaining(reason),
      });
    }
    const { plugins } = await client.call(ListPlugins, {});
    const { error } = plugins.find(({ name }) => name === 'rude') ?? {};
    expect(error).toContain(reason.replace('failed: ', ''));
  });
});

describe('the minimal profile', () => {
  it('serves ping, get_capabilities and thaw alone, and says why', async () => {
    agent = await AgentProcess.start({ config: 'security:\n  command_alowlist: [/bin/ls]\n' });
    const client = await agent.client();
    await client.call(Ping, {});
    await expect.poll(() => client.ready?.degraded?.message).toContain('command_allowlist?');
    await expect(client.call(Execute, { command: 'true' })).rejects.toMatchObject({ code: 9002 });
    await client.call(GetCapabilities, {});
    // Thaw passes, and there is nothing frozen, or nobody who could have frozen it.
    await expect(client.call(Thaw, {})).rejects.toMatchObject({
      code: expect.toSatisfy((code) => code === 5008 || code === 2002),
    });
  });
});

describe('a policy that cannot be enforced', () => {
  it('refuses what it is about', async () => {
    agent = await AgentProcess.start({ config: 'security:\n  command_allowlist: [/bin/ls]\n' });
    const client = await agent.client();
    await expect(client.call(Execute, { command: '/bin/ls' })).rejects.toMatchObject({
      code: 8002,
    });
    await client.call(FileWrite, { path: join(agent.dir, 'x') });
  });

  it('counts the configured rates', async () => {
    agent = await AgentProcess.start({ config: 'security:\n  max_commands_per_minute: 2\n' });
    const client = await agent.client();
    await client.call(Execute, { command: 'true' });
    await client.call(Execute, { command: 'true' });
    await expect(client.call(Execute, { command: 'true' })).rejects.toMatchObject({ code: 8001 });
  });
});
