import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { libc } from '@limiquantix/plugin-sdk/guest';
import type { Child, Stdio } from './child.ts';
import { Exits } from './exits.ts';
import type { Launch } from './launch.ts';

// Of spawn.h and fcntl.h, the same for glibc and musl.
const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;
const O_RDONLY = 0;

/** More than the C libraries' posix_spawnattr_t, posix_spawn_file_actions_t or sigset_t. */
const STRUCT_BYTES = 1024;

/**
 * Starts programs as the agent's own user by posix_spawn(3). Its child borrows the agent's
 * memory until it executes; a fork copies page tables, and so takes the longer the more
 * memory is in use.
 */
export class PosixSpawner {
  readonly #c: ReturnType<typeof declare> = declare();
  readonly #attributes: Buffer = cleanAttributes();
  readonly #exits = new Exits();
  /** Of the child that was started last. */
  readonly #pid = new Int32Array(1);

  /**
   * @param stdio without a `pipe`
   * @throws Error with the kernel's code where it cannot be executed
   */
  spawn(launch: Launch, stdio: Stdio): Child {
    const { file, args } = launch;
    let status = this.#spawn(launch, stdio);
    // As execvp(3), and so Node, does it: a script without `#!` is one for the shell.
    if (status === constants.errno.ENOEXEC) {
      status = this.#spawn({ ...launch, file: '/bin/sh', args: [file, ...args] }, stdio);
    }
    succeed(status);
    const [pid] = this.#pid as unknown as [number];
    return { pid, exit: this.#exits.of(pid), stdout: null, stderr: null };
  }

  #spawn({ file, args, cwd, env }: Launch, stdio: Stdio): number {
    const argv = [file, ...args, null];
    const envp = [...Object.entries(env).map((variable) => variable.join('=')), null];
    const actions = Buffer.alloc(STRUCT_BYTES);
    succeed(this.#c.initActions(actions));
    try {
      this.#addActions(actions, stdio, cwd);
      return this.#c.spawn(this.#pid, file, actions, this.#attributes, argv, envp);
    } finally {
      this.#c.destroyActions(actions);
    }
  }

  close(): void {
    this.#exits.close();
  }

  /** What the child does before it executes. Its streams lose their close-on-exec flag. */
  #addActions(actions: Buffer, [stdin, stdout, stderr]: Stdio, cwd: string): void {
    const { addDup2, addOpen, addChdir } = this.#c;
    if (stdin === 'ignore') succeed(addOpen(actions, 0, '/dev/null', O_RDONLY, 0));
    else succeed(addDup2(actions, stdin, 0));
    succeed(addDup2(actions, stdout as number, 1));
    succeed(addDup2(actions, stderr as number, 2));
    succeed(addChdir(actions, cwd));
  }
}

/** A session of its own, no signal blocked, and none ignored as Node ignores SIGPIPE. */
function cleanAttributes(): Buffer {
  const { func } = libc();
  const attributes = Buffer.alloc(STRUCT_BYTES);
  const signals = Buffer.alloc(STRUCT_BYTES);
  const on = (name: string) => func<(attributes: Buffer) => number>(name, 'int', ['void *']);
  const set = (name: string) =>
    func<(attributes: Buffer, signals: Buffer) => number>(name, 'int', ['void *', 'void *']);
  succeed(on('posix_spawnattr_init')(attributes));
  succeed(set('posix_spawnattr_setsigmask')(attributes, signals));
  succeed(on('sigfillset')(signals));
  succeed(set('posix_spawnattr_setsigdefault')(attributes, signals));
  const setFlags = func<(attributes: Buffer, flags: number) => number>(
    'int posix_spawnattr_setflags(void *attributes, short flags)',
  );
  succeed(setFlags(attributes, SETSIGDEF | SETSIGMASK | SETSID));
  return attributes;
}

function declare() {
  const { func } = libc();
  return {
    spawn: func<
      (
        pid: Int32Array,
        file: string,
        actions: Buffer,
        attributes: Buffer,
        argv: readonly (string | null)[],
        envp: readonly (string | null)[],
      ) => number
    >(
      'int posix_spawn(void *pid, str file, void *actions, void *attributes, str *argv, str *envp)',
    ),
    initActions: func<(actions: Buffer) => number>(
      'int posix_spawn_file_actions_init(void *actions)',
    ),
    addDup2: func<(actions: Buffer, from: number, to: number) => number>(
      'int posix_spawn_file_actions_adddup2(void *actions, int from, int to)',
    ),
    addOpen: func<
      (actions: Buffer, fd: number, path: string, flags: number, mode: number) => number
    >(
      'int posix_spawn_file_actions_addopen(void *actions, int fd, str path, int flags, unsigned int mode)',
    ),
    addChdir: func<(actions: Buffer, path: string) => number>(
      'int posix_spawn_file_actions_addchdir_np(void *actions, str path)',
    ),
    destroyActions: func<(actions: Buffer) => number>(
      'int posix_spawn_file_actions_destroy(void *actions)',
    ),
  };
}

/** These functions give the error's number back, rather than in `errno`. */
function succeed(status: number): void {
  if (status === 0) return;
  const code = getSystemErrorName(-status);
  throw Object.assign(new Error(`posix_spawn ${code}`), { code, errno: -status });
}
