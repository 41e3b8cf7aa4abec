import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AgentError,
  AgentReady,
  Cancel,
  Execute,
  FileWrite,
  Ping,
  Telemetry,
} from '@limiquantix/agent-proto';
import { expect, onTestFinished, test } from 'vitest';
import { AgentClient } from '../src/client.ts';
import type { ClientState } from '../src/options.ts';
import { connected, rejection } from './connected.ts';
import { ScriptedAgent } from './scripted-agent.ts';

const fast = { minMs: 5, maxMs: 20 };

test('connect says which path it could not reach, and what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const absent = join(folder, 'absent.sock');
  const error = await rejection(AgentClient.connect({ path: absent }));
  expect(error).toMatchObject({ name: 'DEVICE_NOT_FOUND' });
  expect(String(error)).toContain(absent);
  expect((error as AgentError).resolution).toContain('org.limiquantix.agent.0');

  const noSocket = join(folder, 'file');
  writeFileSync(noSocket, '');
  const refused = await rejection(AgentClient.connect({ path: noSocket }));
  expect(refused).toMatchObject({ name: 'CONNECTION_LOST' });
  expect(String(refused)).toContain(noSocket);

  const long = await rejection(AgentClient.connect({ path: `/${'x'.repeat(150)}` }));
  expect(long).toMatchObject({ name: 'DEVICE_OPEN_FAILED' });
  expect((long as AgentError).resolution).toContain('107 bytes');
});

test('a program that may open no more files is told how to be allowed to', async () => {
  const agent = await ScriptedAgent.listen();
  const source = new URL('../src/index.ts', import.meta.url).pathname;
  const script = `
    import { AgentClient } from '${source}';
    for (;;) await AgentClient.connect({ path: '${agent.path}' }).catch((error) => {
      console.log(String(error), error.resolution);
      process.exit();
    });`;
  const node = [process.execPath, '--input-type=module', '--eval', script];
  const child = spawn('sh', ['-c', 'ulimit -n 64; exec "$@"', 'sh', ...node]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for await (const text of child.stdout) output += text;
  expect(output).toContain(`${agent.path}: this program may not open more files (EMFILE)`);
  expect(output).toContain('LimitNOFILE');
});

test.each([
  ['an empty path', { path: '' }],
  ['a window of calls that lets none through', { path: '/x', maxInFlight: 0 }],
  ['a limit that is no number', { path: '/x', maxMessageBytes: Number.NaN }],
  ['pauses the wrong way round', { path: '/x', reconnect: { minMs: 10, maxMs: 5 } }],
])('%s is refused', (_, options) => {
  expect(() => new AgentClient(options)).toThrow(
    expect.objectContaining({ name: 'CONFIG_INVALID' }),
  );
});

test('to find a VM off is no warning, to be kept from its socket is', async () => {
  const lines: string[] = [];
  const at = (level: string) => (message: string) => lines.push(`${level} ${message}`);
  const log = {
    ...{ trace: at('trace'), debug: at('debug'), info: at('info') },
    ...{ warn: at('warn'), error: at('error') },
  };
  await rejection(AgentClient.connect({ path: '/nowhere/vm.agent.sock', log }));
  await rejection(AgentClient.connect({ path: `/${'x'.repeat(200)}`, log }));
  expect(lines).toEqual([
    expect.stringMatching(/^info QXGA-1001/),
    expect.stringMatching(/^warn QXGA-1002/),
  ]);
});

test('a client waits for a VM that is not there yet', async () => {
  const agent = await ScriptedAgent.listen();
  await agent.stop();
  const client = new AgentClient({ path: agent.path, reconnect: fast });
  onTestFinished(() => client.close());
  expect(client.state).toBe('connecting');
  const error = await rejection(client.call(Ping, {}));
  expect(error).toMatchObject({ name: 'CONNECTION_LOST' });

  await rejected(client);
  expect(client.lastError).toMatchObject({ name: 'DEVICE_NOT_FOUND' });
  const later = await rejection(client.call(Ping, {}));
  expect(later).toMatchObject({ name: 'CONNECTION_LOST', cause: client.lastError });

  await agent.start();
  agent.reply(Ping, () => ({ sequence: 3 }));
  await state(client, 'connected');
  expect(client.lastError).toBeUndefined();
  expect((await client.call(Ping, {})).sequence).toBe(3);
});

test('a lost connection rejects what is pending, and another one is made', async () => {
  const { agent, client } = await connected({ maxInFlight: 1 });
  const states: ClientState[] = [];
  const unsubscribe = client.onState((s) => states.push(s));
  const sent = client.call(Execute, { command: 'x' });
  const unsent = client.call(Ping, {});
  const outcomes = Promise.all([rejection(sent), rejection(unsent)]);
  await agent.until(() => agent.received.length === 1);
  await agent.stop();
  const [first, second] = await outcomes;
  expect(first).toMatchObject({ name: 'CONNECTION_LOST' });
  expect(first).toHaveProperty('context', expect.stringContaining('may have been carried out'));
  expect(second).toHaveProperty('context', expect.stringContaining('was not sent'));

  await agent.start();
  await state(client, 'connected');
  agent.reply(Ping, () => ({ sequence: 4 }));
  expect((await client.call(Ping, {})).sequence).toBe(4);
  expect(states).toEqual(['connecting', 'connected']);
  expect(agent.requests(Execute).length).toBe(1);
  unsubscribe();
  await client.close();
  expect(states.length).toBe(2);
});

test('what is known of the agent', async () => {
  const { agent, client } = await connected();
  expect(client.ready).toBeUndefined();
  expect(client.latestTelemetry).toBeUndefined();
  agent.reply(Ping, () => ({}));
  const before = Date.now();
  agent.host.emit(AgentReady, { version: '1', hostname: 'a' });
  agent.host.emit(AgentReady, { version: '2', hostname: 'b' });
  agent.host.emit(Telemetry, { processCount: 1 });
  agent.host.emit(Telemetry, { processCount: 2 });
  await client.call(Ping, {});
  expect(client.ready).toMatchObject({ version: '2', hostname: 'b' });
  expect(client.latestTelemetry?.report.processCount).toBe(2);
  expect(client.latestTelemetry?.receivedAt).toBeGreaterThanOrEqual(before);
  const lost = state(client, 'connecting');
  agent.host.socket.destroy();
  await lost;
  expect(client.ready).toBeUndefined();
  expect(client.latestTelemetry?.report.processCount).toBe(2);
});

test('without reconnecting a lost connection closes the client', async () => {
  const { agent, client } = await connected({ reconnect: false });
  const call = rejection(client.call(Ping, {}));
  await agent.stop();
  expect(await call).toMatchObject({ name: 'CONNECTION_LOST' });
  expect(client.state).toBe('closed');
  expect(client.lastError).toMatchObject({ name: 'CONNECTION_LOST' });
  await client.close();
});

test('close rejects what is pending and is final', async () => {
  const { agent, client } = await connected();
  const call = rejection(client.call(Ping, {}));
  await agent.until(() => agent.received.length === 1);
  const gone = once(agent.host.socket, 'close');
  await Promise.all([client.close(), client.close()]);
  expect(await call).toMatchObject({ name: 'CONNECTION_LOST' });
  expect(await rejection(client.call(Ping, {}))).toMatchObject({ name: 'CONNECTION_LOST' });
  expect(client.state).toBe('closed');
  await gone;
});

test('close stops in the guest what was asked of it, and sends nothing that still waits', async () => {
  const { agent, client } = await connected({ maxInFlight: 2 });
  const calls = ['a', 'b', 'c'].map((command) => rejection(client.call(Execute, { command })));
  await agent.until(() => agent.received.length === 2);
  await client.close();
  await Promise.all(calls);
  const ids = agent.received.slice(0, 2).map(({ id }) => id);
  await agent.until(() => agent.requests(Cancel).length === 2);
  expect(agent.requests(Cancel).map(({ messageId }) => messageId)).toEqual(ids);
  expect(agent.requests(Execute).length).toBe(2);
});

test('close does not wait for a guest that reads nothing', async () => {
  const { agent, client } = await connected();
  agent.host.socket.pause();
  const write = rejection(client.call(FileWrite, { path: '/f', data: Buffer.alloc(4 << 20) }));
  await client.close();
  expect(await write).toMatchObject({ name: 'CONNECTION_LOST' });
});

test('a client is closed at the end of its block', async () => {
  const agent = await ScriptedAgent.listen();
  let used: AgentClient;
  {
    await using client = await AgentClient.connect({ path: agent.path });
    used = client;
  }
  expect(used.state).toBe('closed');
});

test('a client can be closed before and between connections, also by a listener', async () => {
  const agent = await ScriptedAgent.listen();
  const early = new AgentClient({ path: agent.path });
  await early.close();
  expect(early.state).toBe('closed');

  const late = await AgentClient.connect({ path: agent.path, reconnect: fast });
  const states: ClientState[] = [];
  const closed = Promise.withResolvers<void>();
  late.onState((s) => {
    if (s === 'connecting') late.close().then(closed.resolve);
  });
  late.onState((s) => states.push(s));
  await agent.stop();
  await closed.promise;
  expect(states).toEqual(['closed']);

  await agent.start();
  await sleep(50);
  expect(agent.hosts).toEqual([]);
});

test('a listener that throws is logged and stops nothing', async () => {
  const agent = await ScriptedAgent.listen();
  const errors: string[] = [];
  const ignore = () => undefined;
  const client = new AgentClient({
    path: agent.path,
    log: { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: (m) => errors.push(m) },
  });
  onTestFinished(() => client.close());
  client.onState(() => {
    throw new Error('oops');
  });
  agent.reply(Ping, () => ({ sequence: 1 }));
  await state(client, 'connected');
  expect((await client.call(Ping, {})).sequence).toBe(1);
  expect(errors).toEqual(['a state listener threw']);
});

test('a channel whose other end takes no more programs is busy', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-client-'));
  const path = join(folder, 'agent.sock');
  const listen = `require('node:net').createServer().listen(
    { path: process.argv[1], backlog: 1 }, () => console.log('listening'))`;
  const holder = spawn(process.execPath, ['-e', listen, path]);
  onTestFinished(() => {
    holder.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  await once(holder.stdout, 'data');
  holder.kill('SIGSTOP');
  const attempts = await Promise.all(
    Array.from({ length: 4 }, () => AgentClient.connect({ path }).catch((error: unknown) => error)),
  );
  const clients = attempts.filter((result) => result instanceof AgentClient);
  await Promise.all(clients.map((client) => client.close()));
  const busy = attempts.filter((result) => !(result instanceof AgentClient));
  expect(busy.length).toBeGreaterThan(0);
  for (const error of busy) expect(error).toMatchObject({ name: 'DEVICE_BUSY' });
});

test('a program ends when its clients are closed, and not before', async () => {
  const agent = await ScriptedAgent.listen();
  agent.reply(Ping, () => ({}));
  const dist = new URL('../dist/index.js', import.meta.url).href;
  const proto = import.meta.resolve('@limiquantix/agent-proto');
  const program = `
    import { AgentClient } from '${dist}';
    import { Ping } from '${proto}';
    const client = await AgentClient.connect({ path: process.argv[1] });
    const gone = new AgentClient({ path: process.argv[1] + '.absent' });
    await client.call(Ping, {});
    setTimeout(async () => { await client.close(); await gone.close(); console.log('closed'); }, 50).unref();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, agent.path]);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  expect({ code, output }).toEqual({ code: 0, output: 'closed\n' });
});

/** Resolves when the client is in a state. */
async function state(client: AgentClient, wanted: ClientState): Promise<void> {
  if (client.state === wanted) return;
  await new Promise<void>((resolve) => {
    const off = client.onState((s) => {
      if (s !== wanted) return;
      off();
      resolve();
    });
  });
}

/** Resolves when an attempt to connect has failed. */
async function rejected(client: AgentClient): Promise<void> {
  while (!client.lastError) await sleep(2);
}
