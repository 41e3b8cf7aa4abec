// Real display servers for tests, as root or as somebody without rights.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DesktopSession, DesktopType } from '@limiquantix/plugin-sdk/guest';

export interface Desktop {
  readonly session: DesktopSession;
  readonly server: ChildProcess;
  /** Runs a program in the session as its user, with that input, to its end. */
  run(
    program: string,
    args: readonly string[],
    input?: string | Buffer,
  ): { status: number; stdout: Buffer; stderr: string };
  /** Starts a program in the session as its user; it ends with the desktop. */
  start(program: string, args: readonly string[], input?: string | Buffer): ChildProcess;
  stop(): Promise<void>;
}

export interface DesktopOptions {
  /** @default root */
  readonly uid?: number;
  readonly args?: readonly string[];
}

export const isRoot: boolean = process.getuid?.() === 0;

/** Nobody has this id: it takes no account to have no rights. */
export const SOMEBODY = 61_184;

export function has(program: string): boolean {
  return ['/usr/bin', '/usr/lib/xorg', '/usr/sbin'].some((dir) => existsSync(`${dir}/${program}`));
}

/** An X server of a fixed size, that lets in whoever has the cookie. */
export async function startXvfb(options: DesktopOptions = {}): Promise<Desktop> {
  // Without a client it would begin anew, and let nobody in meanwhile.
  const args = ['-noreset', '-screen', '0', '1280x800x24', ...(options.args ?? [])];
  return startX('Xvfb', () => args, options);
}

/** An X server whose driver takes every size that fits into its memory. */
export async function startXorgDummy(options: DesktopOptions = {}): Promise<Desktop> {
  const server = existsSync('/usr/lib/xorg/Xorg') ? '/usr/lib/xorg/Xorg' : 'Xorg';
  return startX(
    server,
    (folder) => {
      writeFileSync(join(folder, 'xorg.conf'), XORG_CONF);
      const log = ['-logfile', join(folder, 'log'), '-noreset', '-sharevts', '-novtswitch'];
      return ['-config', join(folder, 'xorg.conf'), ...log];
    },
    options,
  );
}

const XORG_CONF = `
Section "Device"
  Identifier "card"
  Driver "dummy"
  VideoRam 256000
EndSection
Section "Monitor"
  Identifier "monitor"
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
  Monitor "monitor"
  DefaultDepth 24
EndSection
`;

/** A compositor of wlroots without a screen. Without rights, as sway refuses to be root. */
export async function startCompositor(
  program: 'sway' | 'phoc',
  { uid = SOMEBODY }: DesktopOptions = {},
): Promise<Desktop> {
  const folder = homeOf(uid);
  const config = join(folder, 'config');
  writeFileSync(config, program === 'sway' ? 'xwayland disable\n' : '[core]\nxwayland=false\n');
  const env = {
    XDG_RUNTIME_DIR: folder,
    WLR_BACKENDS: 'headless',
    WLR_RENDERER: 'pixman',
    WLR_LIBINPUT_NO_DEVICES: '1',
    // This sway cannot tell which of several headless outputs are on.
    WLR_HEADLESS_OUTPUTS: program === 'sway' ? '1' : '2',
  };
  const server = spawn(program, [program === 'sway' ? '-c' : '-C', config], {
    cwd: folder,
    env: { PATH, HOME: folder, ...env },
    uid,
    gid: uid,
    stdio: 'ignore',
    detached: true,
  });
  const socket = await until(`${program} listens`, () =>
    readdirSync(folder).find(
      (name) => /^wayland-\d+$/.test(name) && isListening(join(folder, name)),
    ),
  );
  const environment = { XDG_RUNTIME_DIR: folder, WAYLAND_DISPLAY: socket };
  return desktop({ type: 'wayland', uid, folder, server, environment });
}

async function startX(
  program: string,
  argsIn: (folder: string) => readonly string[],
  { uid = 0 }: DesktopOptions,
): Promise<Desktop> {
  const folder = homeOf(uid);
  const authority = join(folder, '.Xauthority');
  const args = [...argsIn(folder), '-nolisten', 'tcp', '-auth', authority, '-displayfd', '3'];
  const cookie = randomBytes(16);
  // The server chooses its number, so the entry is for every number.
  writeFileSync(authority, xauthority({ display: '', cookie }), { mode: 0o600 });
  chownSync(authority, uid, uid);
  const server = spawn(program, args, {
    cwd: folder,
    env: { PATH, HOME: folder },
    uid,
    gid: uid,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let number = '';
  (server.stdio[3] as Readable).on('data', (chunk) => {
    number += chunk;
  });
  await until(`${program} tells its display`, () => number.endsWith('\n') || undefined);
  const environment = { DISPLAY: `:${number.trim()}`, XAUTHORITY: authority };
  return desktop({ type: 'x11', uid, folder, server, environment });
}

/** An Xauthority file of one entry. */
export function xauthority({
  display,
  cookie,
  family = 256,
}: {
  display: string;
  cookie: Buffer;
  family?: number;
}): Buffer {
  const fields = [hostname(), display, 'MIT-MAGIC-COOKIE-1', cookie].map((field) => {
    const bytes = Buffer.from(field as string);
    return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
  });
  return Buffer.concat([Buffer.of(family >> 8, family & 0xff), ...fields]);
}

const PATH = '/usr/bin:/bin';

interface Parts {
  readonly type: DesktopType;
  readonly uid: number;
  readonly folder: string;
  readonly server: ChildProcess;
  readonly environment: Readonly<Record<string, string>>;
}

function desktop({ type, uid, folder, server, environment }: Parts): Desktop {
  const user = { uid, gid: uid, name: String(uid), home: folder };
  const session: DesktopSession = {
    id: '',
    type,
    desktop: '',
    user,
    environment: { ...environment, HOME: folder },
  };
  const options = {
    env: { PATH, LC_ALL: 'C.UTF-8', ...session.environment },
    uid,
    gid: uid,
    cwd: '/',
  };
  const started: ChildProcess[] = [];
  return {
    session,
    server,
    run(program, args, input) {
      const { status, stdout, stderr } = spawnSync(program, args, {
        ...options,
        input,
        timeout: 30_000,
        maxBuffer: 16 * 1024 * 1024,
      });
      return { status: status ?? -1, stdout, stderr: stderr.toString() };
    },
    start(program, args, input) {
      const child = spawn(program, args, {
        ...options,
        stdio: ['pipe', 'ignore', 'pipe'],
        detached: true,
      });
      child.stderr.resume();
      child.stdin.on('error', () => {});
      child.stdin.end(input);
      started.push(child);
      return child;
    },
    async stop() {
      await Promise.all([...started, server].map(ended));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const exited = child.exitCode !== null || child.signalCode !== null;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.pid !== undefined) {
    try {
      process.kill(-child.pid, exited ? 'SIGKILL' : 'SIGTERM');
    } catch {
      // All of it ended by itself.
    }
  }
  if (exited) return;
  const killer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await gone;
  clearTimeout(killer);
}

/** A folder that is its user's alone, for everything that the session writes. */
function homeOf(uid: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'lqx-desktop-'));
  if (uid !== process.getuid?.()) chownSync(folder, uid, uid);
  return folder;
}

export async function until<T>(what: string, look: () => T | undefined, ms = 20_000): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(20);
  }
}

/** Whether a socket takes connections: it is in its folder a moment before. */
function isListening(path: string): boolean {
  const accepts = / 00010000 0001 /;
  const sockets = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return sockets.some((row) => row.endsWith(` ${path}`) && accepts.test(row));
}

/** The processes whose environment or arguments contain the text. */
export function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const what = ['environ', 'cmdline'].map((file) =>
          readFileSync(`/proc/${pid}/${file}`, 'latin1'),
        );
        return what.some((content) => content.includes(text));
      } catch {
        return false;
      }
    });
}
