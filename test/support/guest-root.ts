import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Mount, parseMounts } from '@limiquantix/plugin-sdk/guest';
import { AGENT, ROOT } from './agent-process.ts';
import { Mounts, whyNoMounts } from './mounts.ts';

/** What a freeze and a test need; a guest has much more. */
const PROGRAMS = ['chroot', 'fsfreeze', 'mount', 'sh', 'sleep', 'timeout', 'umount'];
const NODE = '/opt/limiquantix/node';
const BUNDLE = '/opt/limiquantix/limiquantix-agent.cjs';

/** Why there can be no such guest here; empty where there can. */
export function whyNoGuestRoot(programs: 'usual' | 'busybox' = 'usual'): string {
  if (programs === 'busybox' && !existsSync(find('busybox'))) return 'busybox is not installed';
  return whyNoMounts(['ext4', 'xfs']);
}

/**
 * A mount namespace whose root is an ext4 filesystem of its own, with the agent in it, as in a
 * guest. No filesystem of this machine can be seen in it, so whatever an agent there
 * freezes, it is only the test's.
 */
export class GuestRoot {
  /** Puts a command line into it. */
  readonly enter: readonly string[];
  /** Its root directory, as seen from here. */
  readonly root: string;
  readonly node: string = NODE;
  readonly agent: string = BUNDLE;
  /** In memory: never frozen. */
  readonly tmp: string = '/run';
  readonly mounts: Mounts;
  readonly #init: ChildProcess;
  readonly #dir: string;

  private constructor(init: ChildProcess, dir: string) {
    this.#init = init;
    this.#dir = dir;
    this.root = `/proc/${init.pid}/root`;
    this.enter = ['nsenter', '-t', String(init.pid), '-m', '--'];
    this.mounts = new Mounts({ root: this.root, enter: this.enter, under: '/srv' });
  }

  /** @param programs busybox: its own sh, timeout and fsfreeze, as in small guests */
  static async start(programs: 'usual' | 'busybox' = 'usual'): Promise<GuestRoot> {
    const dir = mkdtempSync(join(tmpdir(), 'qxga-guest-'));
    const boot = ['sh', '-ec', BOOT, 'boot', buildImage(dir, programs), join(dir, 'tree')];
    const init = spawn('unshare', ['-m', '--propagation', 'private', ...boot], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      init.stdout.once('data', () => resolve());
      init.once('exit', (code) => reject(new Error(`the guest did not start: ${code}`)));
    });
    const guest = new GuestRoot(init, dir);
    guest.#requireOwnFilesystems();
    return guest;
  }

  async stop(): Promise<void> {
    this.thawRoot();
    await this.mounts.cleanUp();
    this.#init.kill('SIGKILL');
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Frozen, it would live on when the last process in it has ended. */
  thawRoot(): void {
    try {
      this.mounts.run('fsfreeze', '--unfreeze', '/');
    } catch {
      // As it should be: it was not frozen.
    }
  }

  /** The last line of defence: with a disk of this machine in sight a test must not go on. */
  #requireOwnFilesystems(): void {
    const table = (pid: number | string) => readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
    const isDisk = ({ deviceNumber, mountPoint }: Mount) =>
      mountPoint === '/' || !deviceNumber.startsWith('0:');
    const machine = parseMounts(table('self')).filter(isDisk);
    const taboo = new Set(machine.map(({ deviceNumber }) => deviceNumber));
    const inside = table(this.#init.pid as number);
    if (parseMounts(inside).every(({ deviceNumber }) => !taboo.has(deviceNumber))) return;
    this.#init.kill('SIGKILL');
    throw new Error(`the guest can see a disk of this machine:\n${inside}`);
  }
}

/** $1: the image, $2: where to mount it. */
const BOOT = `
mount -o loop "$1" "$2"
cd "$2"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
pivot_root . mnt
exec chroot . sh -ec 'umount -l /mnt; echo up; exec sleep 3600'`;

function buildImage(dir: string, kind: 'usual' | 'busybox'): string {
  const tree = join(dir, 'tree');
  for (const name of ['proc', 'sys', 'dev', 'run', 'mnt', 'tmp', 'var/log', 'etc']) {
    mkdirSync(join(tree, name), { recursive: true });
  }
  const copy = (from: string, to: string) => {
    mkdirSync(dirname(join(tree, to)), { recursive: true });
    cpSync(realpathSync(from), join(tree, to), { recursive: true });
  };
  const programs = kind === 'busybox' ? [find('busybox')] : PROGRAMS.map(find);
  for (const program of programs) copy(program, program);
  if (kind === 'busybox') {
    for (const name of PROGRAMS) symlinkSync('busybox', join(tree, dirname(find('busybox')), name));
  }
  for (const name of ['bin', 'sbin'].filter((dir) => !existsSync(join(tree, dir)))) {
    symlinkSync(`usr/${name}`, join(tree, name));
  }
  copy(process.execPath, NODE);
  for (const library of new Set([process.execPath, ...programs].flatMap(librariesOf))) {
    copy(library, library);
  }
  for (const file of readdirSync(dirname(AGENT)).filter((name) => name.endsWith('.cjs'))) {
    copy(join(dirname(AGENT), file), join(dirname(BUNDLE), file));
  }
  const isBuilt = (plugin: string) => existsSync(join(ROOT, 'plugins', plugin, 'dist/plugin.cjs'));
  for (const plugin of readdirSync(join(ROOT, 'plugins')).filter(isBuilt)) {
    for (const file of ['package.json', 'dist/plugin.cjs']) {
      copy(join(ROOT, 'plugins', plugin, file), `/opt/limiquantix/plugins/${plugin}/${file}`);
    }
  }
  const image = join(dir, 'root.img');
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', tree, image, '400M'], { stdio: 'pipe' });
  rmSync(tree, { recursive: true });
  mkdirSync(tree);
  return image;
}

function find(program: string): string {
  const found = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].map((dir) => join(dir, program));
  return found.find((path) => existsSync(path)) ?? program;
}

function librariesOf(program: string): string[] {
  // It fails for a static one, which has none.
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path as string);
}
