import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { DescriptorHandle } from './descriptor-handle.ts';
import { readBulk } from './port-bulk.ts';
import { hostOf, PAGE } from './port-host.ts';

/** Between tries to write to a host that reads nothing. */
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 50;

type Done = (error?: Error | null) => void;

/** What the event loop reads into, for all ports: it is dealt with before the next read. */
let page: Buffer | undefined;

/**
 * What one host and the guest say to each other through a port, up to where the host leaves.
 *
 * The event loop reads; writing is done here. What the event loop has begun to write it cannot
 * take back: while no host is there it would try without a pause, using all of a CPU, and then
 * send the next host the rest of a frame that was meant for the last one. Emits `left` when the
 * handle is free for the next host's stream.
 */
export class PortStream extends Duplex {
  readonly #fd: number;
  readonly #handle: DescriptorHandle;
  readonly #source: Socket;
  #chunks: Uint8Array[] = [];
  #done: Done = () => undefined;
  #retry: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  /** Read while nobody asked for it. */
  #early: Buffer | undefined;
  #left = false;

  /** @param first what was read already */
  constructor(fd: number, handle: DescriptorHandle, first?: Buffer) {
    super();
    this.#fd = fd;
    this.#early = first;
    this.#handle = handle;
    page ??= Buffer.allocUnsafeSlow(PAGE);
    const callback = (count: number, bytes: Buffer) => {
      this.#take(bytes.subarray(0, count));
      return true;
    };
    const onread = { buffer: page, callback };
    this.#source = new Socket({ handle, onread, allowHalfOpen: true } as object);
    this.#source.once('end', () => this.#end()).on('error', (error) => this.destroy(error));
  }

  override _read(): void {
    const early = this.#early;
    this.#early = undefined;
    if (!early || this.push(early)) this.#source.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#begin([chunk], done);
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: Done): void {
    const parts = chunks.map(({ chunk }) => chunk);
    this.#begin(parts, done);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#release();
    this.#done(error ?? new Error('the host left'));
    done(error);
  }

  /**
   * What is read is lent to those who listen: memory of its own would cost more than reading it.
   * The event loop reads a page in each of its turns, which for bulk data are too many.
   */
  #take(bytes: Buffer): void {
    if (!this.#listenedTo()) {
      if (!this.push(Buffer.from(bytes))) this.#source.pause();
      return;
    }
    this.emit('data', bytes);
    if (bytes.length < PAGE || !this.#listenedTo()) return;
    const more = readBulk(this.#fd);
    if (more.length > 0) this.emit('data', more);
  }

  #listenedTo(): boolean {
    return !this.destroyed && this.readableFlowing === true && this.readableLength === 0;
  }

  #begin(chunks: Uint8Array[], done: Done): void {
    if (this.#left) {
      // For nobody, while what the host sent before it left is still being read.
      done();
      return;
    }
    this.#chunks = chunks;
    this.#done = done;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#writeOn();
  }

  #writeOn(): void {
    try {
      for (let [chunk] = this.#chunks; chunk; [chunk] = this.#chunks) {
        const written = writeSync(this.#fd, chunk);
        this.#pauseMs = FIRST_PAUSE_MS;
        if (written < chunk.length) this.#chunks[0] = chunk.subarray(written);
        else this.#chunks.shift();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') this.#tryLater();
      else this.#done(error as Error);
      return;
    }
    this.#done();
  }

  #tryLater(): void {
    this.#retry = setTimeout(() => {
      this.#lookForHost();
      if (!this.destroyed) this.#writeOn();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** While nobody wants to read, the event loop does not tell of a host that left either. */
  #lookForHost(): void {
    if (this.#handle.reading || this.#early) return;
    try {
      const found = hostOf(this.#fd);
      if (found === 'absent') this.#end();
      else if (found !== 'silent') this.#early = found;
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #end(): void {
    const unfinished = this.#chunks.length > 0;
    this.#left = true;
    this.#release();
    this.emit('left');
    // Who does not get its answers written may not read on either.
    if (unfinished || this.readableLength === 0) this.destroy();
    else this.push(null);
  }

  /** Leaves the handle to the next stream. */
  #release(): void {
    clearTimeout(this.#retry);
    this.#chunks = [];
    const source = this.#source as unknown as { _handle: unknown };
    if (source._handle === null) return;
    this.#source.pause();
    source._handle = null;
    this.#source.destroy();
  }
}
