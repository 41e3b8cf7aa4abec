import { AgentError, FileWrite } from '@limiquantix/agent-proto';
import type { Caller } from './caller.ts';
import type { UploadOptions } from './options.ts';
import { cancelled } from './pending.ts';
import { rechunk } from './rechunk.ts';
import { cut } from './transfer.ts';
import type { UploadLimit } from './upload-limit.ts';

/** A disk may have to take gigabytes that were only cached until then. */
const SYNC_TIMEOUT_MS = 10 * 60_000;

export interface UploadTo {
  readonly client: Caller;
  readonly limit: UploadLimit;
}

type Source = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Writes a file of the guest anew, several chunks in flight. */
export async function upload(
  to: UploadTo,
  path: string,
  source: Source,
  options: UploadOptions,
): Promise<{ readonly bytesWritten: number }> {
  const stop = new AbortController();
  const failure = Promise.withResolvers<never>();
  const { signal } = options;
  const onAbort = () => signal && fail(cancelled(FileWrite.name, signal));
  const fail = (error: unknown) => {
    failure.reject(error);
    stop.abort();
  };
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  try {
    // The source may take its time: a failure is not kept waiting for it.
    const run = new Upload(to, path, options, stop.signal, fail).run(source);
    return await Promise.race([failure.promise, run]);
  } finally {
    stop.abort();
    signal?.removeEventListener('abort', onAbort);
  }
}

class Upload {
  readonly #to: UploadTo;
  readonly #path: string;
  readonly #options: UploadOptions;
  readonly #signal: AbortSignal;
  readonly #fail: (error: unknown) => void;
  #transferred = 0;

  constructor(
    to: UploadTo,
    path: string,
    options: UploadOptions,
    signal: AbortSignal,
    fail: (error: unknown) => void,
  ) {
    this.#to = to;
    this.#path = path;
    this.#options = options;
    this.#signal = signal;
    this.#fail = fail;
  }

  async run(source: Source): Promise<{ readonly bytesWritten: number }> {
    const { chunkBytes, window } = cut(this.#options, await this.#to.limit.bytes());
    const flying: Promise<void>[] = [];
    let offset = 0;
    let first = true;
    for await (const { data, last } of rechunk(source, chunkBytes)) {
      const sync = last && this.#options.sync === true;
      while (flying.length >= (sync ? 1 : window)) await flying.shift();
      const write = this.#write(offset, data, first, sync);
      // It may fail before its turn to be waited for.
      write.catch(this.#fail);
      // The first one truncates, which must not come late.
      if (first) await write;
      else flying.push(write);
      first = false;
      offset += data.length;
    }
    await Promise.all(flying);
    return { bytesWritten: offset };
  }

  async #write(offset: number, data: Uint8Array, first: boolean, sync: boolean): Promise<void> {
    const { mode, createParents, total, onProgress } = this.#options;
    const start = first ? { truncate: true, mode, createParents } : {};
    const { bytesWritten } = await this.#to.client.call(
      FileWrite,
      { path: this.#path, offset, data, sync, ...start },
      { signal: this.#signal, ...(sync ? { timeoutMs: SYNC_TIMEOUT_MS } : {}) },
    );
    if (Number(bytesWritten) !== data.length) {
      throw new AgentError('INTERNAL_ERROR', {
        detail: `${bytesWritten} of ${data.length} bytes were written at ${offset} of ${this.#path}`,
        resolution: 'Upload it again; check the disk of the guest',
      });
    }
    this.#transferred += data.length;
    onProgress?.({ transferred: this.#transferred, total });
  }
}
