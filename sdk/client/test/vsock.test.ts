import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentReady, Ping } from '@limiquantix/agent-proto';
import { expect, onTestFinished, test } from 'vitest';
import { AgentClient } from '../src/client.ts';
import { rejection } from './connected.ts';
import { ScriptedAgent } from './scripted-agent.ts';

/** A hypervisor's end of a vsock device: asks `accept` what to do with a host's first line. */
async function device(accept: (line: string, host: Socket) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'vsock-device-'));
  const path = join(folder, 'v.sock');
  const server = createServer((host) => {
    host.on('error', () => undefined);
    host.once('data', (line: Buffer) => accept(line.toString(), host));
  });
  await once(server.listen(path), 'listening');
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  return path;
}

test('an agent behind a vsock device of which the hypervisor makes a unix socket', async () => {
  const agent = await ScriptedAgent.listen();
  agent.reply(Ping, ({ sequence }) => ({ sequence }));
  const lines: string[] = [];
  const path = await device((line, host) => {
    lines.push(line);
    const guest = connect(agent.path);
    host.write('OK 10737');
    // The end of the answer and the agent's first frame come as one.
    guest.once('data', (greeting: Buffer) => {
      host.write(Buffer.concat([Buffer.from('41824\n'), greeting]));
      guest.pipe(host).pipe(guest);
    });
    void agent
      .until(() => agent.hosts.length === lines.length)
      .then(() => agent.host.emit(AgentReady, { version: '1.2.3' }));
  });
  const client = await AgentClient.connect({ path, vsockPort: 5000, reconnect: { minMs: 5 } });
  onTestFinished(() => client.close());
  expect(await client.call(Ping, { sequence: 7 })).toMatchObject({ sequence: 7 });
  expect(client.ready?.version).toBe('1.2.3');
  expect(lines).toEqual(['CONNECT 5000\n']);

  agent.host.socket.destroy();
  await agent.until(() => agent.hosts.length === 2);
  await expect.poll(() => client.state).toBe('connected');
  expect(await client.call(Ping, { sequence: 8 })).toMatchObject({ sequence: 8 });
});

test('a guest in which nobody listens, and a socket of another kind, are told apart', async () => {
  const deaf = await device((_line, host) => host.end());
  expect(await rejection(AgentClient.connect({ path: deaf, vsockPort: 5000 }))).toMatchObject({
    name: 'CONNECTION_LOST',
    message: expect.stringContaining('nothing in the guest listens on the vsock port'),
  });
  for (const answer of ['ERR no\n', '\0\0\0\x05\n\x01a', 'OK'.padEnd(100_000, ' 1')]) {
    const other = await device((_line, host) => host.write(answer));
    expect(await rejection(AgentClient.connect({ path: other, vsockPort: 5000 }))).toMatchObject({
      name: 'DEVICE_OPEN_FAILED',
      resolution: expect.stringContaining('vsockPort'),
    });
  }
  expect(await rejection(AgentClient.connect({ path: deaf, vsockPort: 0 }))).toMatchObject({
    name: 'CONFIG_INVALID',
  });
});
