import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentError, type Init, ListProcesses, type ProcessInfo } from '@limiquantix/plugin-sdk';
import { type TestHost, type TestHostOptions, testHost } from '@limiquantix/plugin-sdk/testing';
import { afterAll, beforeAll } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import plugin from '../src/index.ts';

/** The plugin for the tests of one file. */
export function processPlugin(options: Omit<TestHostOptions, 'package'> = {}): TestHost {
  const host = {} as TestHost;
  beforeAll(async () => {
    Object.assign(host, await testHost(plugin, { package: manifest, ...options }));
  });
  afterAll(() => host.stop());
  return host;
}

const children: ChildProcess[] = [];
afterAll(() => {
  for (const { pid } of children.splice(0)) {
    try {
      process.kill(-(pid as number), 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
});

export type Child = ChildProcess & { readonly pid: number };

/** A process in a group of its own, which is killed after the tests of the file. */
export async function start(
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<Child> {
  const child = spawn(program, args, { stdio: 'ignore', detached: true, ...options });
  children.push(child);
  await once(child, 'spawn');
  await becameProgram(child as Child);
  return child as Child;
}

/** Node tells of a child once execve() closes its files: a moment before it has its name and arguments. */
async function becameProgram({ pid }: Child): Promise<void> {
  while (readFileSync(`/proc/${pid}/cmdline`, 'latin1') === '') await sleep(1);
}

/** A shell's script, after which the shell may have become another program. */
export function bash(script: string, options?: SpawnOptions): Promise<Child> {
  return start('bash', ['-c', script], options);
}

/** A program that never asks how its child has ended: the shell before it would have. */
export function parentOfZombie(): Promise<Child> {
  return bash('(until grep -q sleep /proc/$$/comm; do :; done; exec true) & exec sleep 1000');
}

/** A directory of its own, gone after the tests. @returns paths in it */
export function scratch(): (...names: string[]) => string {
  const directory = mkdtempSync(join(tmpdir(), 'plugin-process-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return (...names) => join(directory, ...names);
}

export async function list(
  host: TestHost,
  request: Init<{ filter: string; includeThreads: boolean; maxEntries: number }> = {},
): Promise<readonly ProcessInfo[]> {
  return (await host.call(ListProcesses, request)).processes;
}

/** The entry of one process, once it is as wanted. */
export async function entryOf(
  host: TestHost,
  pid: number,
  wanted: (entry: ProcessInfo) => boolean = () => true,
): Promise<ProcessInfo> {
  for (let tries = 0; tries < 100; tries++) {
    const entry = (await list(host, { maxEntries: 4096 })).find((p) => p.pid === pid);
    if (entry && wanted(entry)) return entry;
    await sleep(50);
  }
  throw new Error(`process ${pid} is not as wanted`);
}

/** The error that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<AgentError> {
  try {
    await call;
  } catch (error) {
    if (AgentError.is(error)) return error;
    throw error;
  }
  throw new Error('the call succeeded');
}

/** A thread of the kernel; undefined in a container, which has none. */
export function kernelThread(): number | undefined {
  try {
    return readFileSync('/proc/2/comm', 'utf8') === 'kthreadd\n' ? 2 : undefined;
  } catch {
    return undefined;
  }
}
