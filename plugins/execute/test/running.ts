import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  Execute,
  type ExecuteRequest,
  type ExecuteResponse,
  type Init,
} from '@limiquantix/plugin-sdk';
import { type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import { onTestFinished } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import plugin from '../src/index.ts';

type Options = Partial<Parameters<typeof testHost>[1]>;

/** The plugin in a host that is stopped with the test. */
export async function startHost(options: Options = {}): Promise<TestHost> {
  const host = await testHost(plugin, { package: manifest, ...options });
  onTestFinished(() => host.stop());
  return host;
}

/** Runs one command in a host of its own. */
export async function execute(
  request: Init<ExecuteRequest>,
  options: Options & { readonly signal?: AbortSignal } = {},
): Promise<ExecuteResponse> {
  const { signal, ...hostOptions } = options;
  const host = await startHost(hostOptions);
  return host.call(Execute, request, signal ? { signal } : {});
}

export function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !isZombie(pid);
}

/** This process's children that ended and were not waited for. */
export function zombies(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && statOf(pid)[1] === String(process.pid) && isZombie(pid));
}

/**
 * The mask of ignored signals that a status file of /proc gives, without the two that glibc
 * keeps for itself: its posix_spawn ignores them until the program needs them.
 */
export function ignoredSignals(status: string): bigint {
  const [, mask = 'none'] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return BigInt(`0x${mask}`) & ~0x1_8000_0000n;
}

/** How many descriptors this process has open. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function isZombie(pid: number): boolean {
  return statOf(pid)[0] === 'Z';
}

/** State and parent. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
