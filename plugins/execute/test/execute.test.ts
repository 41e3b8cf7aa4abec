import { describe, expect, test } from 'vitest';
import { execute } from './running.ts';

describe('a command', () => {
  test('is a line for the shell when it has no arguments', async () => {
    expect(await execute({ command: 'echo out; echo err >&2; exit 3' })).toMatchObject({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      signal: 0,
      timedOut: false,
      error: '',
    });
  });

  test('is a program when it has arguments, and no shell reads them', async () => {
    const args = ['%s\n', '$HOME', '; id', '*', '', '-n'];
    const { stdout } = await execute({ command: 'printf', args });
    expect(stdout).toBe('$HOME\n; id\n*\n\n-n\n');
  });

  test('may begin with a dash', async () => {
    expect((await execute({ command: '-x; echo next' })).stdout).toBe('next\n');
  });

  test('is found in its own PATH', async () => {
    const environment = { PATH: '/nowhere:/usr/bin' };
    const { stdout } = await execute({ command: 'env', args: ['printenv', 'PATH'], environment });
    expect(stdout).toBe('/nowhere:/usr/bin\n');
  });

  test.each(['./sh', '../bin/sh', '/bin/sh'])('is found as %s', async (command) => {
    const request = { command, args: ['-c', 'echo found'], workingDirectory: '/bin' };
    expect((await execute(request)).stdout).toBe('found\n');
  });

  test('leaves the shell its own exit codes', async () => {
    expect(await execute({ command: '/no/such/program' })).toMatchObject({ exitCode: 127 });
    expect(await execute({ command: '/etc/passwd' })).toMatchObject({ exitCode: 126 });
  });

  test('that a signal ends has no exit code', async () => {
    const killed = { exitCode: -1, signal: 15, timedOut: false, error: '' };
    expect(await execute({ command: 'echo a; kill -TERM $$' })).toMatchObject({
      ...killed,
      stdout: 'a\n',
    });
  });

  test('says how long it took, in whole milliseconds', async () => {
    const { durationMs } = await execute({ command: 'sleep 0.2' });
    expect(durationMs).toBeGreaterThanOrEqual(200);
    expect(Number.isInteger(durationMs)).toBe(true);
  });
});

describe('its input', () => {
  test('is what the host sends, and then ends', async () => {
    const stdin = Buffer.alloc(3_000_000, 'x');
    expect((await execute({ command: 'wc -c', stdin })).stdout.trim()).toBe('3000000');
  });

  test('is empty where the host sends none', async () => {
    expect(await execute({ command: 'cat; readlink /proc/self/fd/0' })).toMatchObject({
      stdout: '/dev/null\n',
    });
  });

  test('need not be read', async () => {
    const stdin = Buffer.alloc(3_000_000);
    expect(await execute({ command: 'true', stdin })).toMatchObject({ exitCode: 0, error: '' });
  });

  test('opens by name, as the outputs do', async () => {
    const command = 'cat /dev/stdin; echo out > /dev/stdout; echo err > /dev/stderr';
    expect(await execute({ command, stdin: Buffer.from('in\n') })).toMatchObject({
      stdout: 'in\nout\n',
      stderr: 'err\n',
    });
  });
});
