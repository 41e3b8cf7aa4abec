import { type ChildProcess, type SpawnSyncReturns, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, whyNot } from './build.ts';

/**
 * This machine's root with a layer in memory over it, in a mount namespace of its own: what
 * is installed there is gone when it stops.
 */
export class OverlayRoot {
  /** A folder that both sides see, as this side has it; in there it is /shared. */
  readonly shared: string;
  /** Its root directory, as seen from here. */
  readonly root: string;
  readonly #dir: string;
  readonly #init: ChildProcess;
  readonly #started: ChildProcess[] = [];

  private constructor(dir: string, init: ChildProcess) {
    this.#dir = dir;
    this.#init = init;
    this.shared = join(dir, 'shared');
    this.root = `/proc/${init.pid}/root`;
  }

  static async start(): Promise<OverlayRoot> {
    const dir = mkdtempSync(join(tmpdir(), 'root-'));
    mkdirSync(join(dir, 'shared'));
    const init = spawn('unshare', [...NAMESPACES, 'sh', '-ec', BOOT, 'boot', dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      init.stdout.once('data', () => resolve());
      init.once('exit', (code) => reject(new Error(`no root of its own: ${code}`)));
    });
    return new OverlayRoot(dir, init);
  }

  /** @param script of sh */
  sh(script: string): SpawnSyncReturns<string> {
    return run('nsenter', [...this.#enter, ...ENVIRONMENT, 'sh', '-c', script]);
  }

  /** As {@link sh}. @throws Error where it fails */
  ok(script: string): string {
    const { status, stdout, stderr } = this.sh(script);
    if (status !== 0) throw new Error(`${script}: ${status}\n${stdout}${stderr}`);
    return stdout;
  }

  /** It ends with the root, if not before. */
  spawn(program: string, ...args: readonly string[]): ChildProcess {
    const child = spawn('nsenter', [...this.#enter, ...ENVIRONMENT, program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#started.push(child);
    return child;
  }

  stop(): void {
    for (const child of [...this.#started, this.#init]) child.kill('SIGKILL');
    rmSync(this.#dir, { recursive: true });
  }

  get #enter(): readonly string[] {
    return ['--target', String(this.#init.pid), '--mount', '--'];
  }
}

/** Why there can be none; empty where there can. */
export function whyNoRoot(...programs: readonly string[]): string {
  if (process.getuid?.() !== 0) return 'only root can mount';
  const missing = whyNot('unshare', 'nsenter', 'pivot_root', ...programs);
  if (missing) return missing;
  const dir = mkdtempSync(join(tmpdir(), 'root-'));
  const { status, stderr } = run('unshare', [...NAMESPACES, 'sh', '-ec', MOUNT, 'mount', dir]);
  rmSync(dir, { recursive: true });
  return status === 0 ? '' : `no overlay can be mounted: ${stderr.trim()}`;
}

const NAMESPACES = ['--mount', '--propagation', 'private'];
const ENVIRONMENT = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C', 'HOME=/root'];

const MOUNT = `
mount -t tmpfs tmpfs "$1"
cd "$1"
mkdir upper work root
mount -t overlay -o lowerdir=/,upperdir="$1/upper",workdir="$1/work" overlay root`;

const BOOT = `
exec 3<"$1/shared"
${MOUNT}
cd root
mkdir -p shared old
mount --rbind /proc/self/fd/3 shared
mount --rbind /proc proc
mount --rbind /dev dev
mount -t tmpfs tmpfs run
pivot_root . old
exec chroot . sh -ec 'umount -l /old; echo up; exec sleep 3600'`;
