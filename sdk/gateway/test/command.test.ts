import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { afterTests, eventually, temporaryDirectory } from './gateway-under-test.ts';

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;

function run(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += chunk));
  child.stderr.on('data', (chunk) => (output.stderr += chunk));
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  afterTests(async () => child.kill('SIGKILL'));
  return { child, output, exited };
}

async function options(): Promise<string[]> {
  const directory = await temporaryDirectory();
  return ['--vms-dir', join(directory, 'vms'), '--token-file', join(directory, 'token')];
}

describe('limiquantix-gateway', () => {
  test('--help and --version', async () => {
    const help = run('--help');
    expect(await help.exited).toBe(0);
    expect(help.output.stdout).toContain('--vms-dir DIR');
    const version = run('--version');
    expect(await version.exited).toBe(0);
    expect(version.output.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    [['--port', '1'], '--port'],
    [['extra'], 'extra'],
    [['--listen', '127.0.0.1'], 'ADDRESS:PORT'],
    [['--listen', '127.0.0.1:70000'], 'ADDRESS:PORT'],
    [['--listen', '0.0.0.0:9180'], 'no TLS'],
    [['--log-level', 'loud'], 'trace, debug'],
  ])('%j: 2, in one line', async (args, text) => {
    const { exited, output } = run(...args);
    expect(await exited).toBe(2);
    expect(output.stderr).toContain(text);
    expect(output.stderr.trimEnd().split('\n').length).toBe(1);
  });

  test('a port in use: 1, in one line that names it', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    afterTests(async () => other.close());
    const { port } = other.address() as { port: number };
    const { exited, output } = run(...(await options()), '--listen', `127.0.0.1:${port}`);
    expect(await exited).toBe(1);
    expect(output.stderr).toBe(
      `limiquantix-gateway: port ${port} on 127.0.0.1 is in use: stop the program that has it, or choose another with --listen\n`,
    );
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'serves until %s, then leaves at once',
    async (signal) => {
      const args = await options();
      const { child, exited, output } = run(...args, '--listen', '127.0.0.1:0');
      await eventually(() => output.stdout.includes('serving'));
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout)?.[0] as string;
      expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
      const unknown = await fetch(`${url}/api/v1/vms`, {
        headers: { authorization: 'Bearer canary-of-a-caller' },
      });
      expect(unknown.status).toBe(401);
      expect((await stat(args[3] as string)).mode & 0o777).toBe(0o600);
      const started = performance.now();
      child.kill(signal);
      expect(await exited).toBe(0);
      // The connection that is kept would take five by itself.
      expect(performance.now() - started).toBeLessThan(3500);
      expect(output.stderr).toBe('');
      // No line for each request, and no token in any.
      expect(output.stdout).not.toContain('healthz');
      expect(output.stdout).not.toContain('canary-of-a-caller');
    },
  );
});
