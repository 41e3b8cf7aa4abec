import { constants } from 'node:fs';
import { libc } from '@limiquantix/plugin-sdk/guest';

// Of Linux, the same on every architecture that Node runs on.
const F_SETFL = 4;
const RWF_NOWAIT = 8;

/** Those whose files nobody but this kernel changes: what it has in memory is as they are. */
const LOCAL_FILESYSTEMS: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // xfs
  0x9123683e, // btrfs
  0xf2f52010, // f2fs
]);

/** @param type as statfs(2) gives it */
export function isLocal(type: number): boolean {
  return LOCAL_FILESYSTEMS.has(type);
}

let loaded: PageCache | 'none' | undefined;

/** @returns undefined where this agent, its C library or its processor has no way to it */
export function pageCache(): PageCache | undefined {
  loaded ??= load();
  return loaded === 'none' ? undefined : loaded;
}

function load(): PageCache | 'none' {
  try {
    return libc().koffi.sizeof('void *') === 8 ? new PageCache() : 'none';
  } catch {
    return 'none';
  }
}

/**
 * What the kernel has in memory, for the event loop: to copy 64 KiB takes less than to wake a
 * thread of the pool. Where the kernel would have to wait for a disk, a lock or somebody's
 * answer it says so instead, from Linux 5.12 on; older ones always do.
 */
export class PageCache {
  readonly #c: ReturnType<typeof declare> = declare();
  /** A struct iovec. */
  readonly #vector = new BigUint64Array(2);
  /** Numbers are handed over faster than arrays. */
  readonly #vectorAt: bigint = this.#c.addressOf(this.#vector);

  /**
   * Readies a file for {@link read}: to note when it was read last would have to wait for the
   * filesystem's journal.
   * @returns false where only its owner may
   */
  open(fd: number): boolean {
    return this.#c.fcntl(fd, F_SETFL, constants.O_NONBLOCK | constants.O_NOATIME) === 0;
  }

  /** @returns how many bytes, 0 at the file's end; undefined where it would have to wait */
  read(fd: number, buffer: Uint8Array, position: number): number | undefined {
    this.#vector[0] = this.#c.addressOf(buffer);
    this.#vector[1] = BigInt(buffer.length);
    const bytes = this.#c.preadv2(fd, this.#vectorAt, 1, position, RWF_NOWAIT);
    return bytes < 0 ? undefined : bytes;
  }
}

function declare() {
  const { func, koffi } = libc();
  return {
    addressOf: koffi.address as (array: ArrayBufferView) => bigint,
    fcntl: func<(fd: number, command: number, flags: number) => number>(
      'int fcntl(int fd, int command, int flags)',
    ),
    preadv2: func<
      (fd: number, vector: bigint, count: number, position: number, flags: number) => number
    >('long preadv2(int fd, uintptr_t vector, int count, int64_t position, int flags)'),
  };
}
