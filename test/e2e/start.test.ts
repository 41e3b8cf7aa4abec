import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { ROOT } from '../support/agent-process.ts';

interface Started {
  readonly process: ChildProcess;
  readonly dir: string;
  readonly port: number;
  output(): string;
  ended(): Promise<number | null>;
}

const all: Started[] = [];
afterEach(async () => {
  for (const { process: child, dir, ended } of all.splice(0)) {
    child.kill('SIGKILL');
    await ended();
    rmSync(dir, { recursive: true, force: true });
  }
});

function start(port: number, dir = mkdtempSync(join(tmpdir(), 'qx-start-'))): Started {
  const child = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { ...process.env, QX_RUN_DIR: dir, QX_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk;
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const end = new Promise<number | null>((resolve) => child.once('close', resolve));
  const started = { process: child, dir, port, output: () => output, ended: () => end };
  all.push(started);
  return started;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function ready(started: Started): Promise<void> {
  await expect.poll(started.output, { timeout: 60_000, interval: 20 }).toMatch(/^ready/m);
}

it('prints what to do, does it, and leaves nothing behind', async () => {
  const started = start(await freePort());
  await ready(started);
  const { dir, port } = started;
  const token = join(dir, 'gateway.token');
  expect(statSync(token).mode & 0o777).toBe(0o600);
  const text = started.output();
  expect(text).toContain(`http://127.0.0.1:${port}`);
  expect(text).toContain(token);
  const lines = text.split('\n').filter((line) => line.trim().startsWith('curl '));
  expect(lines).toHaveLength(3);
  const answers = await Promise.all(
    lines.map((line) => {
      const shell = spawn('sh', ['-c', line], { stdio: ['ignore', 'pipe', 'inherit'] });
      let body = '';
      shell.stdout.on('data', (chunk) => {
        body += chunk;
      });
      return new Promise<unknown>((resolve) =>
        shell.once('close', () => resolve(JSON.parse(body))),
      );
    }),
  );
  expect(answers[0]).toMatchObject({
    os: 'linux',
    capabilities: expect.arrayContaining(['execute']),
  });
  expect(answers[1]).toMatchObject({ exit_code: 0, stdout: expect.stringContaining('Linux') });
  expect(answers[2]).toMatchObject({ encoding: 'utf-8', eof: true });

  const begin = performance.now();
  started.process.kill('SIGTERM');
  await started.ended();
  expect(performance.now() - begin).toBeLessThan(1500);
  expect(existsSync(join(dir, 'vms/local.agent.sock'))).toBe(false);
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
}, 90_000);

it('says so when the port or the socket is in use', async () => {
  const first = start(await freePort());
  await ready(first);
  const samePort = start(first.port);
  expect(await samePort.ended()).not.toBe(0);
  expect(samePort.output()).toContain(`port ${first.port} is in use`);
  const sameSocket = start(await freePort(), first.dir);
  expect(await sameSocket.ended()).not.toBe(0);
  expect(sameSocket.output()).toContain('another agent listens on');
  expect(readFileSync(join(first.dir, 'gateway.token'), 'utf8').length).toBeGreaterThan(20);
}, 90_000);
