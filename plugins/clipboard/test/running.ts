import { readFileSync } from 'node:fs';
import {
  AgentError,
  ClipboardGet,
  type ClipboardGetResponse,
  ClipboardType,
  ClipboardUpdate,
  type ClipboardUpdateRequest,
  type ClipboardUpdateResponse,
  type Init,
} from '@limiquantix/plugin-sdk';
import type { DesktopSession } from '@limiquantix/plugin-sdk/guest';
import { type LogEntry, type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Desktop, processesWith } from '../../display/test/desktops.ts';
import manifest from '../package.json' with { type: 'json' };
import { clipboardPlugin } from '../src/plugin.ts';
import { type Bundle, bundlePlugin } from './bundled.ts';

export const POLL_MS = 200;

let bundle: Bundle;
let current: DesktopSession | undefined;
let host: TestHost | undefined;

/** To be called once by each file of tests. */
export function bundleOnce(): void {
  beforeAll(async () => {
    bundle = await bundlePlugin();
  });
  afterEach(stop);
  afterAll(() => bundle?.remove());
}

export async function stop(): Promise<void> {
  await host?.stop();
  host = undefined;
}

/** Somebody else logs in; undefined: nobody is logged in. */
export function switchTo(session: DesktopSession | undefined): void {
  current = session;
}

export async function start(
  session: DesktopSession | undefined,
  config: Record<string, unknown> = {},
): Promise<TestHost> {
  current = session;
  const plugin = clipboardPlugin({
    findSession: async () => current,
    program: bundle.file,
    sessionPollMs: POLL_MS,
  });
  host = await testHost(plugin, { package: manifest, config });
  return host;
}

export const set = (request: Init<ClipboardUpdateRequest>): Promise<ClipboardUpdateResponse> =>
  (host as TestHost).call(ClipboardUpdate, request);
export const get = (
  preferredType: ClipboardType = ClipboardType.TEXT,
): Promise<ClipboardGetResponse> => (host as TestHost).call(ClipboardGet, { preferredType });
export const failure = (promise: Promise<unknown>): Promise<AgentError> =>
  promise.then((answer) => expect.fail(`it succeeded: ${JSON.stringify(answer)}`), AgentError.from);

export interface Told {
  readonly type: ClipboardType;
  readonly mimeType: string;
  readonly text: string;
}

export const told = (): Told[] =>
  (host as TestHost).events.map(({ message }) => {
    const { type, mimeType, data } = message as {
      type: ClipboardType;
      mimeType: string;
      data: Buffer;
    };
    return { type, mimeType, text: data.toString() };
  });

export const logged = (): readonly LogEntry[] => (host as TestHost).log;

/** This test's processes in a session: agents that other tests run find the desktop too. */
export function processesIn({ session }: Desktop): string[] {
  const all = processesWith('clipboard-of-session');
  return processesWith(session.user.home).filter(
    (pid) => all.includes(pid) && parentOf(pid) === process.pid,
  );
}

function parentOf(pid: string): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1]);
  } catch {
    return undefined;
  }
}
