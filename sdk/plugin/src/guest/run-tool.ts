import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { Readable } from 'node:stream';
import { withCleanInheritance } from './clean-inheritance.ts';

export interface ToolOptions {
  /** After this the tool and what it started are killed. */
  readonly timeoutMs: number;
  /** Its standard input; by default it reads nothing. */
  readonly input?: string | Uint8Array | undefined;
  /** Kills it, and `runTool` rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Of each output stream; the rest is read and dropped. @default 1 MiB */
  readonly maxOutputBytes?: number | undefined;
  /** On top of PATH and a locale that speaks English in UTF-8. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Whom it runs as, without any other groups; by default as the agent does. */
  readonly as?: { readonly uid: number; readonly gid: number } | undefined;
}

export interface ToolResult {
  /** -1: killed by `signal`. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether one of them is longer than what is here. */
  readonly truncated: boolean;
  readonly timedOut: boolean;
}

/** Runs a program of the guest; what {@link runTool} does. */
export type RunTool = (
  program: string,
  args: readonly string[],
  options: ToolOptions,
) => Promise<ToolResult>;

/** The guest has no such program. */
export class ToolMissing extends Error {
  override readonly name = 'ToolMissing';
  readonly program: string;

  constructor(program: string) {
    super(`${program} is not installed`);
    this.program = program;
  }
}

/** The agent's own may be anybody's: a tool is never looked for elsewhere. */
const DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const;
const ENVIRONMENT = { PATH: DIRECTORIES.join(':'), LANG: 'C.UTF-8', LC_ALL: 'C' } as const;
const DEFAULT_OUTPUT_BYTES = 1024 * 1024;
/** A daemon that the tool started may keep its pipes open for ever. */
const DRAIN_MS = 250;
/** A process that is stuck in the kernel dies when the kernel lets it; nobody waits for that. */
const KILL_WAIT_MS = 300;

/**
 * Runs a program of the guest to its end: no shell, a fixed environment, a session of its
 * own that is killed as one.
 * @param program a name, found in the system's own directories, or an absolute path
 * @throws ToolMissing where it is not installed, Error where it cannot be started
 */
export async function runTool(
  program: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<ToolResult> {
  const { timeoutMs, input, signal, maxOutputBytes = DEFAULT_OUTPUT_BYTES, env, as } = options;
  signal?.throwIfAborted();
  const file = findTool(program);
  // A tool may start daemons, which keep what they inherit.
  const child = withCleanInheritance(() =>
    spawn(file, args, {
      cwd: '/',
      env: { ...ENVIRONMENT, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
      ...(as && { uid: as.uid, gid: as.gid }),
    }),
  );
  const stdout = collect(child.stdout as Readable, maxOutputBytes);
  const stderr = collect(child.stderr as Readable, maxOutputBytes);
  // It may end without reading all of its input: its exit code says what that means.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  const timedOut = await endOf(child, timeoutMs, signal);
  for (const stream of child.stdio) stream?.destroy();
  signal?.throwIfAborted();
  return {
    exitCode: child.exitCode ?? -1,
    signal: child.signalCode ?? undefined,
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: stdout.truncated() || stderr.truncated(),
    timedOut,
  };
}

/** @returns whether it was killed at its deadline */
async function endOf(
  child: ChildProcess,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  let giveUp: NodeJS.Timeout | undefined;
  let timedOut = false;
  function kill(): void {
    // Once its leader was waited for, the group's number may be another's.
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (child.pid !== undefined) killGroup(child.pid);
    giveUp = setTimeout(resolve, KILL_WAIT_MS);
  }
  const deadline = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeoutMs);
  child.once('error', reject);
  child.once('close', () => resolve());
  child.once('exit', () => {
    clearTimeout(deadline);
    clearTimeout(giveUp);
    giveUp = setTimeout(resolve, DRAIN_MS);
  });
  signal?.addEventListener('abort', kill, { once: true });
  try {
    await ended;
  } finally {
    clearTimeout(deadline);
    clearTimeout(giveUp);
    signal?.removeEventListener('abort', kill);
  }
  return timedOut;
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It ended, and its exit is about to be told.
  }
}

/**
 * Where a program of the guest is; an absolute path is its own place.
 * @throws ToolMissing where it is not installed
 */
export function findTool(program: string): string {
  const places = program.startsWith('/') ? [program] : DIRECTORIES.map((d) => `${d}/${program}`);
  const found = places.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new ToolMissing(program);
  return found;
}

function collect(stream: Readable, limit: number) {
  const chunks: Buffer[] = [];
  let room = limit;
  let truncated = false;
  stream.on('data', (chunk: Buffer) => {
    if (chunk.length > room) truncated = true;
    const kept = chunk.subarray(0, room);
    if (kept.length > 0) chunks.push(kept);
    room -= kept.length;
  });
  return {
    text: () => Buffer.concat(chunks).toString(),
    truncated: () => truncated,
  };
}
