import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';
import { AgentError } from '@limiquantix/agent-proto';
import type * as Koffi from 'koffi';

/** A type of C: its name, what `koffi.struct()` and the like return, or one of these with a direction. */
export type CType = string | Koffi.TypeObject | ReturnType<typeof Koffi.out>;

/** The C library of this process: what Node.js itself has no call for. */
export interface Libc {
  /**
   * Structs, pointers and callbacks, as https://koffi.dev describes them. Names of types are
   * the process's: leave them out, or a plugin that is loaded again finds them taken.
   */
  readonly koffi: Omit<typeof Koffi, 'default' | 'introspect' | 'resolve'>;
  /**
   * Declares a function by its prototype or by its parts. A call blocks the event loop;
   * `.async` takes a thread of libuv's pool instead. A Buffer may stand for `void *`.
   * @example func<(fd: number, backlog: number) => number>('int listen(int fd, int backlog)')
   * @throws Error where the C library has no such function
   */
  func<F extends (...args: never[]) => unknown>(prototype: string): Koffi.KoffiFunc<F>;
  func<F extends (...args: never[]) => unknown>(
    name: string,
    result: CType,
    parameters: readonly CType[],
  ): Koffi.KoffiFunc<F>;
  /**
   * Why a function failed, from `errno`: to be asked for at once, before any other call.
   * @returns an error like those of Node.js: `bind EADDRINUSE`, with code, errno and syscall
   */
  lastError(syscall: string): NodeJS.ErrnoException;
}

let loaded: Libc | AgentError | undefined;

/**
 * Loads what calls C functions when it is first asked for: 2 ms, and 0.4 MB of memory.
 * @throws AgentError INTERNAL_ERROR where this agent came without it; the caller goes another way
 */
export function libc(): Libc {
  loaded ??= load();
  if (AgentError.is(loaded)) throw loaded;
  return loaded;
}

function load(): Libc | AgentError {
  const { platform, arch, argv, execPath } = process;
  const libcName = platform === 'linux' && isMusl(execPath) ? 'musl' : platform;
  // Without koffi's own entry, which takes 20 ms to find this file. It is looked for from the
  // agent on, since a plugin may be anywhere.
  const file = `@koromix/koffi-${platform}-${arch}/${libcName}_${arch}/koffi.node`;
  try {
    const koffi = createRequire(argv[1] ?? execPath)(file) as typeof Koffi;
    const library = koffi.load(null);
    return {
      koffi,
      func: library.func.bind(library) as Libc['func'],
      lastError: (syscall) => systemError(syscall, -koffi.errno()),
    };
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    return new AgentError('INTERNAL_ERROR', {
      detail: `C functions cannot be called: ${reason}`,
      resolution: 'Install the agent again: the module named here is part of its package',
      cause,
    });
  }
}

/** Whether a program is linked with musl: its interpreter is named in its first page. */
function isMusl(program: string): boolean {
  const page = Buffer.alloc(4096);
  const fd = openSync(program, 'r');
  try {
    readSync(fd, page, 0, page.length, 0);
  } finally {
    closeSync(fd);
  }
  return page.includes('/ld-musl-');
}

function systemError(syscall: string, errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(errno);
  const message = `${syscall} ${code}: ${getSystemErrorMessage(errno)}`;
  return Object.assign(new Error(message), { code, errno, syscall });
}
