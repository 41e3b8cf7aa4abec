import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { Pinned } from './pinned.ts';

/** Fixed: a tool is never looked for in the agent's own PATH, and speaks English. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  LC_ALL: 'C',
};

export interface Freezing {
  readonly outcome: 'frozen' | 'unsupported' | 'busy' | 'failed';
  /** What the kernel said; empty where it is frozen. */
  readonly error: string;
}

export interface Thawing {
  /** `absent`: it was not frozen. */
  readonly outcome: 'thawed' | 'absent' | 'failed';
  readonly error: string;
}

export interface FreezeOptions {
  /** Inherited, so that whoever reads its other end knows when nobody can freeze any more. */
  readonly held: Writable;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Writes the filesystem out and stops all writing to it. There is no way to stop this: the
 * kernel goes on although the process is killed.
 */
export async function freeze(pinned: Pinned, { held, env }: FreezeOptions): Promise<Freezing> {
  const error = await fsfreeze('--freeze', pinned, [held], env);
  if (error === undefined) return { outcome: 'frozen', error: '' };
  // glibc's words and musl's.
  if (/^(Operation not supported|Not supported)$/.test(error)) {
    return { outcome: 'unsupported', error };
  }
  return { outcome: /^(Device or r|R)esource busy$/.test(error) ? 'busy' : 'failed', error };
}

export async function thaw(pinned: Pinned): Promise<Thawing> {
  const error = await fsfreeze('--unfreeze', pinned, [], {});
  if (error === undefined) return { outcome: 'thawed', error: '' };
  return { outcome: error === 'Invalid argument' ? 'absent' : 'failed', error };
}

const MAX_MESSAGE = 4096;

/**
 * Not through the file functions of the runtime: those may all be waiting for the thaw.
 * @returns the kernel's error text, or why it could not be asked; undefined where it succeeded
 */
function fsfreeze(
  action: '--freeze' | '--unfreeze',
  { fd }: Pinned,
  inherited: readonly Writable[],
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const ended = new Promise<string | undefined>((resolve) => {
    const child = spawn('fsfreeze', [action, '/proc/self/fd/3'], {
      cwd: '/',
      env: { ...ENVIRONMENT, ...env },
      stdio: ['ignore', 'ignore', 'pipe', fd, ...inherited],
      // What is sent to the agent's process group must not end it half way.
      detached: true,
    });
    let message = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      message = (message + text).slice(0, MAX_MESSAGE);
    });
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(lastPart(message) || `fsfreeze ended with ${signal ?? code}`);
    });
  });
  // In a guest without memory to spare it is spawn that throws: a thaw is to be tried again then.
  return ended.catch(({ message }: Error) => message);
}

/** `fsfreeze: /proc/self/fd/3: freeze failed: Device or resource busy`, and busybox alike. */
function lastPart(message: string): string {
  const line = message.trim().split('\n').at(-1) ?? '';
  return line.slice(line.lastIndexOf(': ') + 1).trim();
}
