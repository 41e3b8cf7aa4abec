import { type StatsFs, statfs } from 'node:fs';
import type { DiskUsage, Init } from '@limiquantix/plugin-sdk';
import { type Mount, parseMounts } from '@limiquantix/plugin-sdk/guest';
import { localFilesystems } from './local-filesystems.ts';
import { ProcFile } from './proc-file.ts';

type Blocks = Pick<StatsFs, 'bsize' | 'blocks' | 'bfree' | 'bavail'>;

/** The part of `fs.statfs` that is used. */
export type StatFs = (
  path: string,
  callback: (error: Error | null, blocks: Blocks) => void,
) => void;

export interface DiskReaderOptions {
  /** The mount table. */
  readonly mounts?: Pick<ProcFile, 'read' | 'close'>;
  readonly statfs?: StatFs;
  /** A disk that takes longer is left out. */
  readonly deadlineMs?: number;
}

/** Half of the threads that all file operations share. */
const MAX_HANGING = 2;

/** Reads how full the local filesystems are. */
export class DiskReader {
  readonly #mounts: Pick<ProcFile, 'read' | 'close'>;
  readonly #statfs: StatFs;
  readonly #deadlineMs: number;
  /** Mount points that were asked and have not answered. */
  readonly #asked = new Set<string>();
  #table = '';
  #filesystems: readonly Mount[] = [];

  constructor(options: DiskReaderOptions = {}) {
    this.#mounts =
      options.mounts ?? new ProcFile('/proc/self/mountinfo', { recordBytes: Infinity });
    this.#statfs = options.statfs ?? statfs;
    this.#deadlineMs = options.deadlineMs ?? 1_000;
  }

  /**
   * One row for each filesystem that answers. They are asked one after the other, so that
   * a report never takes more than one of the shared threads.
   * @throws Error where the mount table cannot be read
   */
  async read(): Promise<Init<DiskUsage>[]> {
    const rows: Init<DiskUsage>[] = [];
    for (const mount of this.#current()) {
      const blocks = await this.#ask(mount.mountPoint);
      const usage = blocks && usageOf(blocks);
      if (!usage) continue;
      const { mountPoint, filesystem, device } = mount;
      rows.push({ mountPoint, filesystem, device, ...usage });
    }
    return rows;
  }

  close(): void {
    this.#mounts.close();
  }

  #current(): readonly Mount[] {
    const table = this.#mounts.read().toString();
    if (table !== this.#table) {
      this.#filesystems = localFilesystems(parseMounts(table));
      this.#table = table;
    }
    return this.#filesystems;
  }

  /**
   * A dead disk (iSCSI, a multipath without paths) can hang as a server can. It costs one
   * report the deadline, and is not asked again before it answered. The callback and not
   * the promise of `fs.statfs`: a quarter cheaper.
   */
  #ask(mountPoint: string): Promise<Blocks | undefined> {
    if (this.#asked.has(mountPoint) || this.#asked.size >= MAX_HANGING) {
      return Promise.resolve(undefined);
    }
    this.#asked.add(mountPoint);
    return new Promise((resolve) => {
      const deadline = setTimeout(() => resolve(undefined), this.#deadlineMs);
      this.#statfs(mountPoint, (error, blocks) => {
        clearTimeout(deadline);
        this.#asked.delete(mountPoint);
        resolve(error ? undefined : blocks);
      });
    });
  }
}

/**
 * As df counts: what is reserved for root is neither used nor available, and the
 * percentage is of what users can have.
 * @returns undefined for a filesystem without blocks
 */
export function usageOf({
  bsize,
  blocks,
  bfree,
  bavail,
}: Blocks):
  | Pick<DiskUsage, 'totalBytes' | 'usedBytes' | 'availableBytes' | 'usagePercent'>
  | undefined {
  if (blocks <= 0) return undefined;
  const used = Math.max(0, blocks - bfree);
  const usable = used + bavail;
  return {
    totalBytes: blocks * bsize,
    usedBytes: used * bsize,
    availableBytes: bavail * bsize,
    usagePercent: usable === 0 ? 0 : (used / usable) * 100,
  };
}
