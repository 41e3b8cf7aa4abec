import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { ClipboardUnavailable } from '../backend.ts';

export interface WlOptions {
  /** Its standard input. */
  readonly input?: Buffer;
  /** Of its standard output; it is ended when it writes more. */
  readonly maxBytes?: number;
}

export interface WlResult {
  readonly exitCode: number;
  readonly output: Buffer;
  readonly tooLarge: boolean;
  readonly complaint: string;
}

const TIMEOUT_MS = 5000;
const MAX_COMPLAINT_CHARS = 500;

/**
 * Runs wl-copy or wl-paste until it exits. wl-copy leaves a process behind that owns the
 * clipboard, and keeps its standard error open.
 * @throws ClipboardUnavailable where it is not installed
 */
export async function runWl(
  program: 'wl-copy' | 'wl-paste',
  args: readonly string[],
  { input, maxBytes = 0 }: WlOptions = {},
): Promise<WlResult> {
  const child = spawn(program, args, {
    stdio: ['pipe', maxBytes === 0 ? 'ignore' : 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const stdin = child.stdin as Writable;
  const stderr = child.stderr as Readable;
  const chunks: Buffer[] = [];
  let length = 0;
  let complaint = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(chunk);
    else child.kill('SIGKILL');
  });
  stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(0, MAX_COMPLAINT_CHARS);
  });
  stdin.on('error', () => {});
  stdin.end(input);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', (error: NodeJS.ErrnoException) => {
    reject(error.code === 'ENOENT' ? wlClipboardMissing() : error);
  });
  child.once(child.stdout ? 'close' : 'exit', (code: number | null) => resolve(code ?? -1));
  const exitCode = await promise;
  stderr.destroy();
  return { exitCode, output: Buffer.concat(chunks), tooLarge: length > maxBytes, complaint };
}

export function wlClipboardMissing(): ClipboardUnavailable {
  return new ClipboardUnavailable(
    'wl-clipboard is not installed in this guest',
    'Install the package wl-clipboard',
  );
}
