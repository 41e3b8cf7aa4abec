import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from '@limiquantix/plugin-sdk';
import { recordNotWritten } from '../errors.ts';

/** What an agent that comes after a crash has to know about a freeze. */
export interface FreezeRecord {
  readonly boot_id: string;
  /** In the environment of every process of this freeze. */
  readonly freeze_id: string;
  readonly filesystems: readonly {
    readonly mount_point: string;
    readonly device_number: string;
  }[];
  readonly skip_scripts: boolean;
  /** Post-thaw scripts that were started. */
  readonly post_thaw_done: readonly string[];
}

/**
 * The record of the freeze that is under way, in memory that a boot empties. Written before
 * anything is frozen and after everything is thawed, never between.
 */
export class RecordFile {
  readonly #path: string;
  readonly #log: Logger;

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  /** @throws AgentError QUIESCE_FAILED */
  write(record: FreezeRecord): void {
    const next = `${this.#path}.new`;
    try {
      const dir = dirname(this.#path);
      // Not recursively: in /proc that never ends.
      if (!existsSync(dir)) mkdirSync(dir, { mode: 0o755 });
      writeFileSync(next, JSON.stringify(record), { mode: 0o600 });
      renameSync(next, this.#path);
    } catch (cause) {
      throw recordNotWritten(this.#path, cause);
    }
  }

  /** As {@link write}, where there is something more important to do than to write it. */
  update(record: FreezeRecord): void {
    try {
      this.write(record);
    } catch (error) {
      this.#log.warn(String(error), { path: this.#path });
    }
  }

  /** Undefined where there is none of this boot. */
  read(): FreezeRecord | undefined {
    try {
      const record = JSON.parse(readFileSync(this.#path, 'utf8')) as FreezeRecord;
      if (isRecord(record) && record.boot_id === bootId()) return record;
      this.#log.info('the record of an earlier freeze is of no use', { path: this.#path });
      this.remove();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      this.#log.warn(`the record of a freeze cannot be read: ${error}`, { path: this.#path });
    }
    return undefined;
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }
}

function isRecord(value: FreezeRecord): boolean {
  const { freeze_id, filesystems, post_thaw_done } = value ?? {};
  return (
    typeof freeze_id === 'string' && Array.isArray(filesystems) && Array.isArray(post_thaw_done)
  );
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
