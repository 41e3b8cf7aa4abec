import { constants } from 'node:fs';
import { type FileHandle, statfs } from 'node:fs/promises';
import type { FileFacts } from '@limiquantix/plugin-sdk/guest';
import { GatheredIo } from './gathered-io.ts';
import { isLocal, type PageCache, pageCache } from './linux/page-cache.ts';
import { openRegularFile, type RegularFile } from './linux/regular-file.ts';
import { Lookups } from './lookups.ts';

const MOST_OPEN = 16;
const IDLE_MS = 1000;
/** Longer than it takes to copy what is in memory. */
const SLOW_MS = 5;

/** A file for one read. */
export interface Readable {
  readonly stats: FileFacts;
  /** Nobody will want more of it: closed as soon as nobody else reads it. */
  finish(): void;
}

/** Disposing of it gives it back. */
export interface Lease extends Readable, Disposable {
  readonly io: GatheredIo;
}

/** To be read at once or not at all. */
export interface ReadableNow extends Readable {
  /** Fills the buffer. @returns false where not all that belongs there is in memory */
  fill(buffer: Uint8Array, position: number): boolean;
}

export interface OpenFilesOptions {
  /** Runs whenever the last file was closed: nobody reads any more. */
  readonly onNoneOpen?: () => void;
  readonly cache?: () => PageCache | undefined;
}

/**
 * Files that are being read in chunks, kept open from one chunk to the next: without this
 * a 64 KiB chunk costs twice as much. Which file a path names is looked up for each chunk
 * all the same, so a file that was replaced or deleted is never read from: while its
 * descriptor is open no other file can have its device and inode number.
 */
export class OpenFiles {
  readonly #files = new Map<string, OpenFile>();
  /** What was asked for in this turn of the event loop, before it is opened. */
  readonly #asked = new Map<string, Promise<OpenFile>>();
  readonly #lookups = new Lookups();
  readonly #onNoneOpen: () => void;
  readonly #cache: () => PageCache | undefined;

  constructor({ onNoneOpen = () => undefined, cache = pageCache }: OpenFilesOptions = {}) {
    this.#onNoneOpen = onNoneOpen;
    this.#cache = cache;
  }

  /** @returns undefined where something would have to be waited for, and for a file's first chunks */
  now(path: string): ReadableNow | undefined {
    const file = this.#files.get(path);
    const stats = file?.cache && this.#lookups.now(path);
    if (!file || !stats || !file.is(stats)) return undefined;
    return {
      stats,
      fill: (buffer, position) => file.fill(buffer, position),
      finish: () => this.#retire(path, file),
    };
  }

  /** @throws AgentError NOT_A_FILE */
  async lease(path: string): Promise<Lease> {
    return (await this.#leaseOpen(path)) ?? (await this.#open(path));
  }

  close(): void {
    for (const [path, file] of this.#files) this.#retire(path, file);
  }

  async #leaseOpen(path: string): Promise<Lease | undefined> {
    const file = this.#files.get(path);
    if (!file) return undefined;
    file.enter();
    // Small files have but one chunk, and are not worth the question.
    void file.findCache(this.#cache);
    // Opening it afresh says what is wrong with it.
    const stats = await this.#lookups.of(path).catch(() => undefined);
    if (stats && file.is(stats)) return this.#lease(path, file, stats);
    this.#retire(path, file);
    file.leave();
    return undefined;
  }

  /** The first chunks of a file come together, and share a descriptor. */
  async #open(path: string): Promise<Lease> {
    let asked = this.#asked.get(path);
    if (!asked) {
      asked = this.#openAsked(path);
      this.#asked.set(path, asked);
    }
    const file = await asked;
    file.enter();
    return this.#lease(path, file, file.stats);
  }

  async #openAsked(path: string): Promise<OpenFile> {
    await new Promise<void>((resolve) => void process.nextTick(resolve));
    this.#asked.delete(path);
    const { handle, stats } = await openRegularFile(path, constants.O_RDONLY);
    // Chunks of two turns may both come here; the later one's descriptor stays.
    const before = this.#files.get(path);
    if (before) this.#retire(path, before);
    const file = new OpenFile({ handle, stats }, () => this.#retire(path, file));
    this.#files.set(path, file);
    const [oldest] = this.#files;
    if (this.#files.size > MOST_OPEN && oldest) this.#retire(...oldest);
    return file;
  }

  #lease(path: string, file: OpenFile, stats: FileFacts): Lease {
    return {
      io: file.io,
      stats,
      finish: () => this.#retire(path, file),
      [Symbol.dispose]: () => file.leave(),
    };
  }

  #retire(path: string, file: OpenFile): void {
    if (this.#files.get(path) === file) this.#files.delete(path);
    file.retire();
    if (this.#files.size === 0) this.#onNoneOpen();
  }
}

class OpenFile {
  readonly io: GatheredIo;
  readonly #handle: FileHandle;
  /** As of just before it was opened. */
  readonly stats: FileFacts;
  /** Where it can be read from at once. */
  cache: PageCache | undefined;
  #soughtCache = false;
  #readers = 0;
  #retired = false;
  readonly #idle: NodeJS.Timeout;

  constructor({ handle, stats }: RegularFile, onIdle: () => void) {
    this.#handle = handle;
    this.io = new GatheredIo(
      async (buffers, position) => (await handle.readv(buffers, position)).bytesRead,
    );
    this.stats = stats;
    this.#idle = setTimeout(() => {
      if (this.#readers > 0) this.#idle.refresh();
      else onIdle();
    }, IDLE_MS).unref();
  }

  is(stats: FileFacts): boolean {
    return stats.ino === this.stats.ino && stats.dev === this.stats.dev;
  }

  async findCache(cache: () => PageCache | undefined): Promise<void> {
    if (this.#soughtCache) return;
    this.#soughtCache = true;
    const { fd } = this.#handle;
    try {
      const { type } = await statfs(`/proc/self/fd/${fd}`);
      if (this.#retired || !isLocal(type)) return;
      const found = cache();
      if (found?.open(fd)) this.cache = found;
    } catch {
      // It can be read without.
    }
  }

  fill(buffer: Uint8Array, position: number): boolean {
    this.#idle.refresh();
    const begin = performance.now();
    const filled = this.cache?.read(this.#handle.fd, buffer, position) === buffer.length;
    // What follows is not in memory either, and to ask sets the disk off, which takes its time.
    // So does a virus scanner that is asked for each read.
    if (!filled || performance.now() - begin > SLOW_MS) this.cache = undefined;
    return filled;
  }

  enter(): void {
    this.#readers++;
  }

  leave(): void {
    this.#readers--;
    if (this.#readers > 0) return;
    if (this.#retired) this.#close();
    else this.#idle.refresh();
  }

  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    clearTimeout(this.#idle);
    if (this.#readers === 0) this.#close();
  }

  #close(): void {
    // It was only read: there is nothing that closing could still lose.
    this.#handle.close().catch(() => undefined);
  }
}
