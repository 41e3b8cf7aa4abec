import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';

type Blocks = Pick<StatsFs, 'bsize' | 'blocks' | 'bfree'>;

/** The part of `fs.statfs` that is used. */
export type StatFs = (path: string) => Promise<Blocks>;

export interface UsedBytesOptions {
  readonly statfs?: StatFs;
  /** A filesystem that takes longer is left out. */
  readonly deadlineMs?: number;
}

/** Half of the threads that all file operations share. */
const MAX_HANGING = 2;

/**
 * How much is used in filesystems. A dead disk (iSCSI, a multipath without paths) can hang
 * as a server can: it costs one request the deadline, and is not asked again before it
 * answered.
 */
export class UsedBytes {
  readonly #statfs: StatFs;
  readonly #deadlineMs: number;
  readonly #hanging = new Set<string>();

  constructor(options: UsedBytesOptions = {}) {
    this.#statfs = options.statfs ?? statfs;
    this.#deadlineMs = options.deadlineMs ?? 1_000;
  }

  /** @returns undefined where it does not answer */
  async of(mountPoint: string): Promise<number | undefined> {
    if (this.#hanging.has(mountPoint) || this.#hanging.size >= MAX_HANGING) return undefined;
    const { promise: deadline, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      this.#hanging.add(mountPoint);
      resolve(undefined);
    }, this.#deadlineMs);
    const answer = this.#ask(mountPoint).finally(() => {
      clearTimeout(timer);
      this.#hanging.delete(mountPoint);
    });
    return Promise.race([answer, deadline]);
  }

  async #ask(mountPoint: string): Promise<number | undefined> {
    try {
      const { bsize, blocks, bfree } = await this.#statfs(mountPoint);
      return Math.max(0, blocks - bfree) * bsize;
    } catch {
      return undefined;
    }
  }
}
