import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediately, setTimeout as pause } from 'node:timers/promises';

export type FilesystemType = 'ext4' | 'xfs';

const IMAGE_MIB: Readonly<Record<FilesystemType, number>> = { ext4: 32, xfs: 320 };

const MKFS: Readonly<Record<FilesystemType, readonly string[]>> = {
  ext4: ['mkfs.ext4', '-q', '-E', 'nodiscard'],
  xfs: ['mkfs.xfs', '-q', '-K'],
};

/** Why filesystems cannot be mounted here; empty where they can. */
export function whyNoMounts(types: readonly FilesystemType[] = ['ext4']): string {
  if (process.getuid?.() !== 0) return 'only root can mount';
  if (!existsSync('/dev/loop-control')) return 'there are no loop devices (/dev/loop-control)';
  for (const tool of ['mount', 'fsfreeze', ...types.map((type) => `mkfs.${type}`)]) {
    const found = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((d) => existsSync(join(d, tool)));
    if (!found) return `${tool} is not installed`;
  }
  return '';
}

export interface Place {
  /** Puts a command line where the mounts are to be; by default they are made right here. */
  readonly enter?: readonly string[];
  /** The root directory there, as seen from here. */
  readonly root?: string;
  /** The folder there that gets the mount points. */
  readonly under?: string;
}

/** Filesystems of a test's own, in files below a folder of its own. */
export class Mounts {
  /** The folder, as seen from here. */
  readonly dir: string = mkdtempSync(join(tmpdir(), 'qxga-mounts-'));
  readonly #enter: readonly string[];
  readonly #root: string;
  readonly #under: string;
  readonly #mounted: string[] = [];
  readonly #writers: { stop(): Promise<void> }[] = [];

  constructor({ enter = [], root = '', under }: Place = {}) {
    this.#enter = enter;
    this.#root = root;
    this.#under = under ?? this.dir;
  }

  /** Makes a filesystem in a file and mounts it. @returns its mount point */
  make(type: FilesystemType, name: string, ...options: readonly string[]): string {
    mkdirSync(this.dir, { recursive: true });
    const file = join(this.dir, `${this.#mounted.length}.img`);
    makeImage(type, file);
    const device = execFileSync('losetup', ['-f', '--show', file], { encoding: 'utf8' }).trim();
    try {
      return this.mount(name, ...options, device);
    } finally {
      // It stays until it is unmounted.
      execFileSync('losetup', ['-d', device], { stdio: 'ignore' });
    }
  }

  /** A filesystem in a file of another, which can be written out only while that one is thawed. */
  makeInside(outer: string, name: string): string {
    const file = makeImage('ext4', join(this.#root + outer, `${name}.img`));
    return this.mount(name, '-o', 'loop', file.slice(this.#root.length));
  }

  /** One that writes to each; they are writing when this resolves. */
  async writersOn(...mountPoints: readonly string[]): Promise<Writer[]> {
    const started = mountPoints.map((path) => new Writer(join(path, 'written'), this.#enter));
    this.#writers.push(...started);
    await Promise.all(started.map((writer) => writer.begun()));
    return started;
  }

  /** One write that goes to the disk and waits for it: a freeze has to wait for that. */
  async writeThrough(mountPoint: string): Promise<void> {
    const file = `of=${join(this.#root + mountPoint, 'through')}`;
    const args = ['if=/dev/zero', file, 'bs=4096', 'count=1', 'oflag=direct'];
    const child = spawn('dd', args, { stdio: 'ignore' });
    this.#writers.push({ stop: () => endOf(child) });
    while (!isStuck(child.pid as number)) await pause(5);
  }

  /** @param args of mount(8), without the mount point @returns the mount point */
  mount(name: string, ...args: readonly string[]): string {
    const mountPoint = join(this.#under, name);
    mkdirSync(this.#root + mountPoint, { recursive: true });
    this.run('mount', ...args, mountPoint);
    this.#mounted.push(mountPoint);
    return mountPoint;
  }

  run(program: string, ...args: readonly string[]): string {
    const [first, ...rest] = [...this.#enter, program, ...args];
    return execFileSync(first as string, rest, { encoding: 'utf8', stdio: 'pipe' });
  }

  /** Frozen filesystems would outlive their last mount, so whatever still is one is thawed. */
  async cleanUp(): Promise<void> {
    const mounted = this.#mounted.splice(0);
    for (const mountPoint of mounted) this.#try('fsfreeze', '--unfreeze', mountPoint);
    for (const writer of this.#writers.splice(0)) await writer.stop();
    for (const mountPoint of mounted.reverse()) await this.#unmount(mountPoint);
    // A filesystem that could not be unmounted is not to be emptied.
    execFileSync('rm', ['-rf', '--one-file-system', this.dir]);
  }

  /**
   * A loop device lets go of its file some time after it was unmounted; much later where
   * another process has made a mount namespace meanwhile, which has all these mounts too.
   */
  async #unmount(mountPoint: string): Promise<void> {
    for (let i = 0; i < 20; i++) {
      if (this.#try('umount', mountPoint)) return;
      await pause(20);
    }
    this.#try('umount', '-l', mountPoint);
  }

  #try(program: string, ...args: readonly string[]): boolean {
    try {
      this.run(program, ...args);
      return true;
    } catch {
      return false;
    }
  }
}

function makeImage(type: FilesystemType, file: string): string {
  writeFileSync(file, '');
  truncateSync(file, IMAGE_MIB[type] * 1024 * 1024);
  const [mkfs, ...args] = MKFS[type];
  execFileSync(mkfs as string, [...args, file], { stdio: 'pipe' });
  return file;
}

/** Appends to a file again and again, and counts: a write to a frozen filesystem does not return. */
export class Writer {
  readonly #process;
  #count = 0;

  constructor(file: string, enter: readonly string[] = []) {
    const loop = 'while echo x >>"$1"; do echo; sleep 0.01; done';
    const [first, ...rest] = [...enter, 'sh', '-c', loop, 'writer', file];
    this.#process = spawn(first as string, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process.stdout.on('data', (chunk: Buffer) => {
      this.#count += chunk.length;
    });
  }

  get count(): number {
    return this.#count;
  }

  async begun(): Promise<void> {
    while (this.#count < 3) await pause(5);
  }

  /** Whether it gets on; one write may have been under way. */
  async writes(): Promise<boolean> {
    // What it wrote before it was asked, and nobody has read yet, does not count.
    await immediately();
    const before = this.#count;
    // What it takes for as many writes, however busy the machine is: 200 ms on a quiet one.
    const loop = 'i=0; while [ $i -lt 16 ]; do i=$((i + 1)); echo; sleep 0.01; done';
    await endOf(spawn('sh', ['-c', loop], { stdio: 'ignore' }));
    return this.#count > before + 1;
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    await endOf(this.#process);
  }
}

/** Whether a process waits for a disk, as nothing can interrupt. */
export function isStuck(pid: number): boolean {
  return /^State:\s+D/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

/** Which of them get on. */
export function writing(writers: readonly Writer[]): Promise<boolean[]> {
  return Promise.all(writers.map((writer) => writer.writes()));
}
