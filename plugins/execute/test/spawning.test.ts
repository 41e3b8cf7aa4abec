import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { afterAll, describe, expect, test } from 'vitest';
import type { Child, Stdio } from '../src/linux/child.ts';
import type { Launch } from '../src/linux/launch.ts';
import { pipesOfLibc } from '../src/linux/pipe.ts';
import { PosixSpawner } from '../src/linux/posix-spawn.ts';
import { spawnByNode } from '../src/linux/spawn-by-node.ts';
import { Spawner } from '../src/linux/spawner.ts';

const posix = new PosixSpawner();
afterAll(() => posix.close());
const { readEnd, writeEnd } = pipesOfLibc()();
afterAll(() => [readEnd, writeEnd].forEach(closeSync));
const STDIO: Stdio = ['ignore', writeEnd, writeEnd];

const shell = (line: string): Launch => ({
  file: '/bin/sh',
  args: ['-c', line],
  cwd: '/',
  env: { PATH: '/usr/bin:/bin' },
});
const TRUE: Launch = { ...shell(''), file: '/bin/true', args: [] };

/** Both ways must be the same to whoever asks. */
describe.each<[string, (launch: Launch, stdio: Stdio) => Child | Promise<Child>]>([
  ['posix_spawn', (launch, stdio) => posix.spawn(launch, stdio)],
  ['Node', spawnByNode],
])('%s', (_name, spawn) => {
  const exitOf = async (launch: Launch) => (await spawn(launch, STDIO)).exit;
  const codeOf = async (launch: Launch) => {
    try {
      await spawn(launch, STDIO);
    } catch (thrown) {
      return (thrown as NodeJS.ErrnoException).code;
    }
    return 'started';
  };

  test('says exactly how it ended', async () => {
    for (const exitCode of [0, 1, 127, 255]) {
      expect(await exitOf(shell(`exit ${exitCode}`))).toEqual({ exitCode, signal: 0 });
    }
    for (const signal of [1, 9, 11, 15]) {
      expect(await exitOf(shell(`kill -${signal} $$`))).toEqual({ exitCode: -1, signal });
    }
  });

  test('of many at once', async () => {
    const codes = Array.from({ length: 100 }, (_, code) => code);
    const exits = await Promise.all(codes.map((code) => exitOf(shell(`exit ${code}`))));
    expect(exits.map(({ exitCode }) => exitCode)).toEqual(codes);
  });

  test('leaves the children of others alone', async () => {
    const others = Array.from({ length: 20 }, () => promisify(execFile)('/bin/echo', ['x']));
    await Promise.all(Array.from({ length: 20 }, () => exitOf(TRUE)));
    for (const { stdout } of await Promise.all(others)) expect(stdout).toBe('x\n');
  });

  test('takes a script without an interpreter for one of the shell', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'spawning-'));
    const file = join(directory, 'script');
    writeFileSync(file, 'exit "$1"\n', { mode: 0o755 });
    expect(await exitOf({ ...TRUE, file, args: ['7'] })).toEqual({ exitCode: 7, signal: 0 });
    rmSync(directory, { recursive: true });
  });

  test('says what the kernel says where it cannot be executed', async () => {
    expect(await codeOf({ ...TRUE, file: '/no/such' })).toBe('ENOENT');
    expect(await codeOf({ ...TRUE, file: '/etc/passwd' })).toBe('EACCES');
    expect(await codeOf({ ...TRUE, file: '/etc' })).toBe('EACCES');
    expect(await codeOf({ ...TRUE, cwd: '/no/such' })).toBe('ENOENT');
    expect(await codeOf({ ...TRUE, args: ['x'.repeat(140_000)] })).toBe('E2BIG');
    expect(await codeOf({ ...TRUE, args: Array(40).fill('x'.repeat(120_000)) })).toBe('E2BIG');
  });
});

test('posix_spawn knows also the signals that Node has no name for', async () => {
  const killed = posix.spawn(shell('kill -40 $$'), STDIO);
  expect(await killed.exit).toEqual({ exitCode: -1, signal: 40 });
});

test('posix_spawn does not cost more where more memory is in use', async () => {
  const memory = Buffer.alloc(256 * 1024 * 1024, 1);
  const cost = async (spawn: () => Child | Promise<Child>) => {
    const costs: number[] = [];
    for (let round = 0; round < 10; round++) {
      const { user, system } = process.threadCpuUsage();
      const child = await spawn();
      const after = process.threadCpuUsage();
      costs.push(after.user + after.system - user - system);
      await child.exit;
    }
    return costs.reduce((sum, each) => sum + each, 0);
  };
  const posixCost = await cost(() => posix.spawn(TRUE, STDIO));
  expect(posixCost).toBeLessThan((await cost(() => spawnByNode(TRUE, STDIO))) / 2);
  expect(memory[0]).toBe(1);
});

test('a command runs as soon as it can, as whoever it is to be', async () => {
  const spawner = new Spawner(memoryLogger());
  expect(spawner.openPipe).toBeDefined();
  for (const launch of [TRUE, { ...TRUE, uid: 65_534, gid: 65_534 }]) {
    const child = await spawner.spawn(launch, STDIO);
    expect(await child.exit).toEqual({ exitCode: 0, signal: 0 });
  }
  spawner.close();
});

test('a child that ends after the plugin was disposed of is waited for', async () => {
  const listeners = process.listenerCount('SIGCHLD');
  const retired = new PosixSpawner();
  const child = retired.spawn(shell('sleep 0.2; exit 3'), STDIO);
  retired.close();
  expect(await child.exit).toEqual({ exitCode: 3, signal: 0 });
  expect(process.listenerCount('SIGCHLD')).toBe(listeners);
});
