import { AgentError, FileRead, type FileReadResponse } from '@limiquantix/agent-proto';
import { BadAnswer } from './bad-answer.ts';
import type { Caller } from './caller.ts';
import { type DownloadOptions, wholeNumber } from './options.ts';
import { cut } from './transfer.ts';

/** A file_read_response has an envelope besides its data. */
const OVERHEAD_BYTES = 1024;
/** A shorter first answer says nothing about how much the agent reads at a time. */
const LEAST_CHUNK_BYTES = 4096;

export interface DownloadFrom {
  readonly client: Caller;
  /** The longest message that is taken from the agent. */
  readonly maxMessageBytes: number;
}

/** The chunks of a file of the guest, in order. */
export function download(
  from: DownloadFrom,
  path: string,
  options: DownloadOptions,
): AsyncIterableIterator<Uint8Array> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const chunks = new Download(from, path, options, signal).chunks();
  return {
    next: () =>
      chunks.next().catch((error: unknown) => {
        stop.abort();
        throw error;
      }),
    // A generator alone would first wait for the chunk that it waits for.
    return() {
      stop.abort();
      return chunks.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

class Download {
  readonly #client: Caller;
  readonly #path: string;
  readonly #options: DownloadOptions;
  readonly #signal: AbortSignal;
  readonly #window: number;
  readonly #start: number;
  /** No byte from here on is wanted. */
  readonly #limit: number;
  #chunkBytes: number;
  #transferred = 0;
  #total: number | undefined;

  constructor(from: DownloadFrom, path: string, options: DownloadOptions, signal: AbortSignal) {
    this.#client = from.client;
    this.#path = path;
    this.#options = options;
    this.#signal = signal;
    const { chunkBytes, window } = cut(options, from.maxMessageBytes - OVERHEAD_BYTES);
    this.#chunkBytes = chunkBytes;
    this.#window = window;
    this.#start = wholeNumber('offset', options.offset ?? 0, 0);
    const { length } = options;
    this.#limit =
      length === undefined
        ? Number.MAX_SAFE_INTEGER
        : this.#start + wholeNumber('length', length, 0);
  }

  async *chunks(): AsyncGenerator<Uint8Array, undefined> {
    if (this.#start >= this.#limit) return;
    const wanted = Math.min(this.#chunkBytes, this.#limit - this.#start);
    const { data, eof, totalSize } = await this.#read(this.#start, wanted);
    const at = this.#start + data.length;
    // A file of /proc has no size and yet has data; one of /sys has less data than size.
    const end = eof ? at : Math.min(this.#limit, Math.max(at, Number(totalSize)));
    const sized = eof || totalSize > 0;
    if (sized) this.#total = end - this.#start;
    if (data.length > 0) yield this.#passOn(data);
    if (eof || at === this.#limit) return;
    if (sized) {
      // So much the agent reads at a time, whatever it is asked for.
      if (data.length < wanted) this.#chunkBytes = Math.max(data.length, LEAST_CHUNK_BYTES);
      yield* this.#upTo(end, at);
    } else {
      yield* this.#untilEof(at);
    }
  }

  async *#untilEof(from: number): AsyncGenerator<Uint8Array, undefined> {
    for (let at = from; at < this.#limit; ) {
      const { data, eof } = await this.#read(at, Math.min(this.#chunkBytes, this.#limit - at));
      at += data.length;
      if (data.length > 0) yield this.#passOn(data);
      if (eof) return;
    }
  }

  /** Several chunks in flight; those that wait for the consumer count. */
  async *#upTo(end: number, from: number): AsyncGenerator<Uint8Array, undefined> {
    const ahead: Promise<Uint8Array>[] = [];
    for (let at = from; ; ) {
      for (; at < end && ahead.length < this.#window; at += this.#chunkBytes) {
        const chunk = this.#readAll(at, Math.min(this.#chunkBytes, end - at));
        // It may fail before its turn to be waited for.
        chunk.catch(() => undefined);
        ahead.push(chunk);
      }
      const next = ahead.shift();
      if (next === undefined) return;
      yield this.#passOn(await next);
    }
  }

  /** As many bytes as asked for, however few come at a time. */
  async #readAll(offset: number, bytes: number): Promise<Uint8Array> {
    let { data, eof } = await this.#read(offset, bytes);
    if (data.length === bytes) return data;
    const whole = Buffer.allocUnsafeSlow(bytes);
    let filled = 0;
    for (;;) {
      whole.set(data, filled);
      filled += data.length;
      if (filled === bytes) return whole;
      if (eof) throw this.#becameShorter(offset + filled);
      ({ data, eof } = await this.#read(offset + filled, bytes - filled));
    }
  }

  async #read(offset: number, maxBytes: number): Promise<FileReadResponse> {
    const request = { path: this.#path, offset, maxBytes };
    const response = await this.#client.call(FileRead, request, { signal: this.#signal });
    const { data, eof } = response;
    const wrong =
      data.length > maxBytes
        ? `${data.length} bytes for ${maxBytes}`
        : data.length === 0 && !eof
          ? 'neither data nor the end'
          : undefined;
    if (wrong === undefined) return response;
    throw new BadAnswer('INVALID_MESSAGE', {
      detail: `the agent answered ${wrong} at offset ${offset} of ${this.#path}`,
      resolution: 'Update the agent in the guest',
    });
  }

  #becameShorter(size: number): AgentError {
    return new AgentError('INVALID_OFFSET', {
      detail: `${this.#path} became shorter while it was read: it ends at ${size}`,
      resolution: 'Download it again when nothing writes to it',
    });
  }

  #passOn(data: Uint8Array): Uint8Array {
    this.#transferred += data.length;
    this.#options.onProgress?.({ transferred: this.#transferred, total: this.#total });
    return data;
  }
}
