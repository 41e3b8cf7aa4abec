import { constants } from 'node:fs';
import { rmdir, unlink } from 'node:fs/promises';
import { AgentError, ErrorReason } from '@limiquantix/plugin-sdk';
import { brief, fileError, hasCode } from '../errors.ts';
import { nameBatches } from './name-batches.ts';
import { type Pin, pinDirectory } from './pin.ts';

/** How many subdirectories' names are remembered before they are dealt with. */
const MOST_PENDING = 1024;
/** How often directories may turn out to have been filled again. */
const MOST_REFILLS = 100;

export interface RemovalOptions {
  /** Of the directory, for errors' texts. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/**
 * Removes a directory and what is in it. Links are removed, never followed, and no step
 * leaves the filesystem that the directory is on.
 *
 * Goes down and up by descriptors, one open at a time, however deep the tree: whatever is
 * moved or swapped for a link meanwhile, only what was inside of the directory is removed.
 * @throws AgentError DELETE_FAILED, FILE_ACCESS_DENIED: the rest of the tree is left
 */
export async function removeTree(
  parent: Pin,
  name: Buffer,
  options: RemovalOptions,
): Promise<void> {
  using removal = new TreeRemoval(await pinDirectory(parent.self), options);
  await removal.run(name);
}

interface Level {
  readonly name: Buffer;
  readonly device: bigint;
  readonly inode: bigint;
  /** Subdirectories that are still to be removed. */
  readonly pending: Buffer[];
  /** All its other entries are gone. */
  scanned: boolean;
}

class TreeRemoval implements Disposable {
  readonly #path: string;
  readonly #signal: AbortSignal;
  /** From the directory that holds the tree down to the one that is being emptied. */
  readonly #levels: Level[] = [];
  #here: Pin;
  #refills = 0;

  constructor(here: Pin, { path, signal }: RemovalOptions) {
    this.#here = here;
    this.#path = path;
    this.#signal = signal;
  }

  async run(name: Buffer): Promise<void> {
    const { dev, ino } = await this.#here.stat();
    const holder = { device: dev, inode: ino, name: Buffer.alloc(0) };
    this.#levels.push({ ...holder, pending: [name], scanned: true });
    for (;;) {
      this.#signal.throwIfAborted();
      const current = this.#levels.at(-1) as Level;
      const next = current.pending.pop();
      if (next) await this.#descend(next);
      else if (!current.scanned) await this.#scan(current);
      else if (this.#levels.length > 1) await this.#ascend();
      else return;
    }
  }

  [Symbol.dispose](): void {
    this.#here[Symbol.dispose]();
  }

  async #descend(name: Buffer): Promise<void> {
    try {
      this.#move(await pinDirectory(this.#here.entry(name), constants.O_NOFOLLOW));
    } catch (error) {
      // It became something else since it was found, or it is gone.
      if (hasCode(error, 'ENOTDIR', 'ENOENT')) return this.#remove(name, unlink);
      throw this.#error(error, name);
    }
    const { dev, ino } = await this.#here.stat();
    const top = this.#levels[1];
    if (top && dev !== top.device) {
      throw this.#failed(name, 'it is on another filesystem', 'Unmount it first');
    }
    this.#levels.push({ name, device: dev, inode: ino, pending: [], scanned: false });
  }

  /** Removes what is no directory and remembers what is. */
  async #scan(current: Level): Promise<void> {
    for await (const names of nameBatches(this.#here)) {
      this.#signal.throwIfAborted();
      // Settled, all of them: none may still be under way when the directory's pin is let go.
      const outcomes = await Promise.allSettled(names.map((name) => this.#unlink(name)));
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === 'rejected') throw outcome.reason;
        if (outcome.value === 'directory') current.pending.push(names[index] as Buffer);
      }
      if (current.pending.length >= MOST_PENDING) return;
    }
    current.scanned = true;
  }

  async #unlink(name: Buffer): Promise<'removed' | 'directory'> {
    try {
      await unlink(this.#here.entry(name));
    } catch (error) {
      if (hasCode(error, 'EISDIR')) return 'directory';
      if (!hasCode(error, 'ENOENT')) throw this.#error(error, name);
    }
    return 'removed';
  }

  async #ascend(): Promise<void> {
    const { name } = this.#levels.pop() as Level;
    const above = this.#levels.at(-1) as Level;
    this.#move(await pinDirectory(this.#here.entry('..')));
    const { dev, ino } = await this.#here.stat();
    if (dev !== above.device || ino !== above.inode) {
      throw this.#failed(name, 'it was moved while it was being deleted', 'Try again');
    }
    await this.#remove(name, async (path) => {
      try {
        await rmdir(path);
      } catch (error) {
        if (!hasCode(error, 'ENOTEMPTY') || ++this.#refills > MOST_REFILLS) throw error;
        above.pending.push(name);
      }
    });
  }

  async #remove(name: Buffer, remove: (path: Buffer) => Promise<void>): Promise<void> {
    try {
      await remove(this.#here.entry(name));
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw this.#error(error, name);
    }
  }

  #move(to: Pin): void {
    this.#here[Symbol.dispose]();
    this.#here = to;
  }

  #pathOf(name: Buffer): string {
    if (this.#levels.length === 1) return this.#path;
    const below = this.#levels.slice(2).map((level) => level.name);
    return [this.#path, ...below, name].join('/');
  }

  #error(error: unknown, name: Buffer): unknown {
    return fileError(error, this.#pathOf(name), { otherwise: 'DELETE_FAILED' });
  }

  #failed(name: Buffer, why: string, resolution: string): AgentError {
    const detail = `${brief(this.#pathOf(name))}: ${why}`;
    return new AgentError('DELETE_FAILED', { detail, resolution, reason: ErrorReason.CONFLICT });
  }
}
