import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentError } from '@limiquantix/plugin-sdk';
import { type TestHost, type TestHostOptions, testHost } from '@limiquantix/plugin-sdk/testing';
import { afterAll, beforeAll } from 'vitest';
import plugin from '../src/index.ts';
import { isLocal } from '../src/linux/page-cache.ts';

const manifest: unknown = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

/** The plugin for the tests of one file. */
export function filePlugin(options: Omit<TestHostOptions, 'package'> = {}): TestHost {
  const host = {} as TestHost;
  beforeAll(async () => {
    Object.assign(host, await testHost(plugin, { package: manifest, ...options }));
  });
  afterAll(() => host.stop());
  return host;
}

/** Only files of a local disk are read at once, not those in memory or of other machines. */
export const hasLocalDisk: boolean = isLocal(statfsSync(tmpdir()).type);

/** A directory of its own, gone after the tests. @returns paths in it */
export function scratch(): (...names: string[]) => string {
  const directory = mkdtempSync(join(tmpdir(), 'plugin-file-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return (...names) => join(directory, ...names);
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

export async function code(call: Promise<unknown>): Promise<number> {
  return (await failure(call)).code;
}

/** Descriptors that this process has open now. */
export function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
