import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess, ROOT } from '../support/agent-process.ts';
import { GatewayProcess } from '../support/gateway-process.ts';

let agent: AgentProcess;
let gateway: GatewayProcess;

beforeAll(async () => {
  agent = await AgentProcess.start();
  gateway = await GatewayProcess.start(agent);
});
afterAll(async () => {
  await gateway.stop();
  await agent.stop();
});

it('is a command that runs by itself', () => {
  const command = join(ROOT, 'sdk/gateway/dist/main.js');
  const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
  const { status, stdout } = spawnSync(command, ['--version'], { env, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+/) });
});

describe('the REST API over a real agent', () => {
  it('runs a command, as the reference shows it', async () => {
    const answer = await gateway.call('POST', '/execute', {
      command: 'echo out; echo err >&2; exit 3',
      timeout_seconds: 30,
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ exit_code: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('writes, reads, lists and deletes a file', async () => {
    const path = join(agent.dir, 'hello.txt');
    const write = await gateway.call('POST', '/files/write', {
      path,
      content: 'Hello, Wörld!',
      mode: 420,
    });
    expect(write.status).toBe(200);
    expect(readFileSync(path, 'utf8')).toBe('Hello, Wörld!');
    expect(await (await gateway.call('POST', '/files/read', { path })).json()).toMatchObject({
      content: 'Hello, Wörld!',
      encoding: 'utf-8',
      eof: true,
      total_size: 14,
    });
    const list = await (await gateway.call('POST', '/files/list', { path: agent.dir })).json();
    expect(list.entries.map(({ name }: { name: string }) => name)).toContain('hello.txt');
    expect((await gateway.call('POST', '/files/delete', { path })).status).toBe(200);
    expect((await gateway.call('POST', '/files/read', { path })).status).toBe(404);
  });

  it('takes permissions in octal, and octal digits for nothing else', async () => {
    const path = join(agent.dir, 'mode.txt');
    const write = (mode: unknown) =>
      gateway.call('POST', '/files/write', { path, content: 'x', mode });
    expect((await write('0640')).status).toBe(200);
    expect(statSync(path).mode & 0o7777).toBe(0o640);
    const refused = await write(644);
    expect(refused.status).toBe(400);
    expect((await refused.json()).detail).toContain('give "0644"');
    expect(statSync(path).mode & 0o7777).toBe(0o640);
  });

  it('streams bodies that are too large for JSON, in parts too', async () => {
    const bytes = randomBytes(9_000_001);
    const path = join(agent.dir, 'large.bin');
    const query = `?path=${encodeURIComponent(path)}`;
    const put = await fetch(`${gateway.base}/files/content${query}`, {
      method: 'PUT',
      headers: gateway.headers,
      body: bytes,
    });
    expect(await put.json()).toMatchObject({ bytes_written: bytes.length });
    const sha = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
    const get = await fetch(`${gateway.base}/files/content${query}`, { headers: gateway.headers });
    expect(sha(Buffer.from(await get.arrayBuffer()))).toBe(sha(bytes));
    const range = { ...gateway.headers, range: 'bytes=1000000-1999999' };
    const part = await fetch(`${gateway.base}/files/content${query}`, { headers: range });
    expect(part.status).toBe(206);
    expect(sha(Buffer.from(await part.arrayBuffer()))).toBe(
      sha(bytes.subarray(1_000_000, 2_000_000)),
    );
  });

  it('gives live telemetry', async () => {
    await expect
      .poll(async () => (await gateway.call('GET', '/telemetry')).status, { timeout: 10_000 })
      .toBe(200);
    const report = await (await gateway.call('GET', '/telemetry')).json();
    expect(report.memory_total_bytes ?? report.report?.memory_total_bytes).toBeGreaterThan(1e6);
  });

  it('answers with a problem that says what to do', async () => {
    const missing = await gateway.call('POST', '/files/read', { path: '/no/such/file' });
    expect(missing.headers.get('content-type')).toContain('application/problem+json');
    expect(await missing.json()).toMatchObject({
      status: 404,
      code: 'QXGA-4001',
      name: 'FILE_NOT_FOUND',
    });
    const traversal = await gateway.call('POST', '/files/read', { path: '/etc/../etc/passwd' });
    expect(await traversal.json()).toMatchObject({ code: 'QXGA-4007' });
    const invalid = await gateway.call('POST', '/execute', { comand: 'ls' });
    expect(invalid.status).toBe(400);
    const user = await gateway.call('POST', '/execute', {
      command: 'id',
      run_as_user: 'no-such-user',
    });
    expect(await user.json()).toMatchObject({ code: 'QXGA-3005' });
    const unknown = await fetch(gateway.base.replace('/vms/test/', '/vms/none/').concat('/ping'), {
      method: 'POST',
      headers: gateway.headers,
    });
    expect(unknown.status).toBe(404);
    expect((await fetch(`${gateway.base}/ping`, { method: 'POST' })).status).toBe(401);
  });

  it('answers 501 where no plugin has the capability', async () => {
    agent.configure('plugins: {execute: {enabled: false}}\n');
    agent.signal('SIGHUP');
    await agent.waitForLog('configuration read again');
    const answer = await gateway.call('POST', '/execute', { command: 'true' });
    expect(answer.status).toBe(501);
    expect(await answer.json()).toMatchObject({ code: 'QXGA-2002' });
    writeFileSync(agent.configFile, '', { mode: 0o600 });
    agent.signal('SIGHUP');
  });
});
