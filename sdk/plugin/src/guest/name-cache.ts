import { libc } from './libc.ts';
import { type FileFacts, Statx } from './statx.ts';

// Of Linux, the same on every architecture that Node runs on.
const SYS_OPENAT2 = 437;
const RESOLVE_CACHED = 0x20n;
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_STATX_DONT_SYNC = 0x4000;
const STATX_BASIC_STATS = 0x7ff;

let loaded: NameCache | 'none' | undefined;

/** @returns undefined where C functions cannot be called: then a thread of the pool is to ask */
export function nameCache(): NameCache | undefined {
  loaded ??= load();
  return loaded === 'none' ? undefined : loaded;
}

function load(): NameCache | 'none' {
  try {
    return new NameCache();
  } catch {
    return 'none';
  }
}

/**
 * What the kernel has in memory of paths, for the event loop: to wake a thread of the pool takes
 * ten times as long as the answer. Where the kernel would have to wait for a disk, a lock or a
 * server it says so instead, from Linux 5.12 on; older ones always do.
 */
export class NameCache {
  readonly #c: ReturnType<typeof declare> = declare();
  /** A struct open_how. */
  readonly #how = BigUint64Array.of(BigInt(O_PATH | O_CLOEXEC), 0n, RESOLVE_CACHED);
  readonly #statx = new Statx();

  /** As stat(2); undefined where that is not known without waiting, or there is no such file. */
  stat(path: string): FileFacts | undefined {
    const fd = this.#c.openat2(SYS_OPENAT2, AT_FDCWD, path, this.#how, this.#how.byteLength);
    if (fd < 0) return undefined;
    const flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
    const status = this.#c.statx(fd, '', flags, STATX_BASIC_STATS, this.#statx.bytes);
    this.#c.close(fd);
    return status === 0 ? this.#statx.facts() : undefined;
  }
}

function declare() {
  const { func } = libc();
  return {
    openat2: func<
      (nr: number, directory: number, path: string, how: BigUint64Array, bytes: number) => number
    >('long syscall(long nr, int directory, str path, void *how, size_t bytes)'),
    statx: func<
      (fd: number, path: string, flags: number, mask: number, statx: Uint8Array) => number
    >('int statx(int fd, str path, int flags, unsigned int mask, void *statx)'),
    close: func<(fd: number) => number>('int close(int fd)'),
  };
}
