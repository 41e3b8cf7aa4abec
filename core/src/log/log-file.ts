import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';

export interface LogFileOptions {
  readonly path: string;
  /** From this size on the file becomes `<path>.1`, that one `<path>.2`, and so on. */
  readonly maxBytes: number;
  /** How many there are with the one that is written to. */
  readonly maxFiles: number;
  /** Called once for each time that it cannot be written any more. */
  readonly onError: (error: Error) => void;
  /** How long after a failure lines are dropped before the file is tried again. @default 5 s */
  readonly retryMs?: number;
}

/** A log file, rotated by size. One that cannot be written loses lines, and nothing else. */
export class LogFile extends Writable {
  readonly #options: LogFileOptions;
  #handle: FileHandle | undefined;
  #bytes = 0;
  #failedAt: number | undefined;

  constructor(options: LogFileOptions) {
    super({ decodeStrings: true });
    this.#options = options;
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    void this.#append(chunks.map(({ chunk }) => chunk)).then(done);
  }

  override _final(done: () => void): void {
    void this.#close().then(done, done);
  }

  async #append(lines: readonly Buffer[]): Promise<void> {
    const { maxBytes, onError, retryMs = 5000 } = this.#options;
    if (this.#failedAt !== undefined && performance.now() - this.#failedAt < retryMs) return;
    try {
      let batch: Buffer[] = [];
      let bytes = 0;
      this.#handle ??= await this.#open();
      for (const line of lines) {
        const full = this.#bytes + bytes + line.length > maxBytes;
        if (full && this.#bytes + bytes > 0) {
          await this.#write(batch);
          await this.#rotate();
          [batch, bytes] = [[], 0];
        }
        batch.push(line);
        bytes += line.length;
      }
      await this.#write(batch);
      this.#failedAt = undefined;
    } catch (error) {
      if (this.#failedAt === undefined) onError(error as Error);
      this.#failedAt = performance.now();
      await this.#close().catch(() => undefined);
    }
  }

  async #open(): Promise<FileHandle> {
    const { path } = this.#options;
    await mkdir(dirname(path)).catch(() => undefined);
    const handle = await open(path, 'a', 0o640);
    const facts = await handle.stat();
    // Never rename /dev/null.
    this.#bytes = facts.isFile() ? facts.size : Number.NEGATIVE_INFINITY;
    return handle;
  }

  async #write(batch: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(batch);
    await this.#handle?.appendFile(bytes);
    this.#bytes += bytes.length;
  }

  async #rotate(): Promise<void> {
    const { path, maxFiles } = this.#options;
    await this.#close();
    const name = (age: number) => (age === 0 ? path : `${path}.${age}`);
    await rm(name(maxFiles - 1), { force: true });
    for (let age = maxFiles - 2; age >= 0; age--) {
      await rename(name(age), name(age + 1)).catch(ignoreMissing);
    }
    this.#handle = await this.#open();
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
