import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunTool, runTool } from '@limiquantix/plugin-sdk/guest';

/** A guest of its own inside this machine: process ids, mounts, a network without interfaces. */
export interface Guest {
  /** Runs a program in it. */
  readonly run: RunTool;
  /** Its filesystem, seen from here. */
  readonly root: string;
  stop(): Promise<void>;
}

export interface BootOptions {
  /** Files by their absolute paths in the guest, in directories that `script` makes its own. */
  readonly files: Readonly<Record<string, string>>;
  /** Directories of the machine that the guest has as its own, empty ones. */
  readonly own: readonly string[];
  /** The last commands of the shell that becomes the guest's first process. */
  readonly script: string;
  /** Ends with 0 once the guest is there. */
  readonly ready: readonly [program: string, ...args: string[]];
}

/** @returns why there is none, where the machine does not let one be made */
export async function bootGuest(options: BootOptions): Promise<Guest | string> {
  if (process.getuid?.() !== 0) return 'only root can make namespaces';
  const group = cgroup();
  if (typeof group === 'string') return group;
  const tree = mkdtempSync(join(tmpdir(), 'service-guest-'));
  for (const [path, content] of Object.entries(options.files)) {
    mkdirSync(dirname(tree + path), { recursive: true });
    writeFileSync(tree + path, content, { mode: 0o755 });
  }
  writeFileSync(`${tree}/boot`, bootScript(tree, options));
  // However the tests end, the guest ends with them.
  const child = spawn(
    'bash',
    [
      '-c',
      `echo 0 > "${group.path}/cgroup.procs" && exec setpriv --pdeathsig KILL ` +
        'unshare --pid --mount --uts --ipc --net --cgroup --fork --kill-child ' +
        `bash "${tree}/boot"`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } },
  );
  const said = outputOf(child);
  const stop = async () => {
    child.kill('SIGKILL');
    await group.remove();
    rmSync(tree, { recursive: true, force: true });
  };
  const guest = await found(child, options.ready);
  if (guest) return { ...guest, stop };
  await stop();
  return `the guest did not boot: ${said()}`;
}

async function found(
  child: ChildProcess,
  ready: BootOptions['ready'],
): Promise<Omit<Guest, 'stop'> | undefined> {
  for (let tries = 0; tries < 100 && child.exitCode === null; tries++) {
    await sleep(50);
    const init = firstProcess(child);
    if (init === undefined) continue;
    const run: RunTool = (program, args, toolOptions) =>
      runTool('nsenter', ['--target', init, '--all', '--', program, ...args], toolOptions);
    const [program, ...args] = ready;
    const { exitCode } = await run(program, args, { timeoutMs: 5000 });
    if (exitCode === 0) return { run, root: `/proc/${init}/root` };
  }
  return undefined;
}

/** `unshare` stays outside; its child is the first process inside. */
function firstProcess({ pid }: ChildProcess): string | undefined {
  const children = `/proc/${pid}/task/${pid}/children`;
  return (existsSync(children) && readFileSync(children, 'utf8').trim()) || undefined;
}

function bootScript(tree: string, { own, script }: BootOptions): string {
  return [
    'set -e',
    'mount --make-rprivate /',
    'mount -t proc proc /proc',
    'umount --recursive /sys/fs/cgroup 2>/dev/null || true',
    'mount -t cgroup2 cgroup2 /sys/fs/cgroup',
    ...own.map((path) => `mount -t tmpfs tmpfs ${path}`),
    ...own.map((path) => `if [ -d "${tree}${path}" ]; then cp -a "${tree}${path}/." ${path}/; fi`),
    script,
  ].join('\n');
}

/** A control group of the guest's own, so that it can make more below. */
function cgroup(): { path: string; remove(): Promise<void> } | string {
  const mounted = /^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2 /m.exec(
    readFileSync('/proc/self/mountinfo', 'utf8'),
  );
  if (!mounted) return 'there is no cgroup2 filesystem';
  try {
    const path = mkdtempSync(join(mounted[1] as string, 'service-guest-'));
    return { path, remove: () => removeGroup(path) };
  } catch (thrown) {
    return `control groups cannot be made: ${thrown}`;
  }
}

async function removeGroup(path: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      const groups = execFileSync('find', [path, '-depth', '-type', 'd'], { encoding: 'utf8' });
      for (const group of groups.trim().split('\n')) rmdirSync(group);
      return;
    } catch {
      // Its last processes are about to go.
      await sleep(50);
    }
  }
}

function outputOf(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text = `${text}${chunk}`.slice(-2000);
    });
  }
  return () => text;
}
