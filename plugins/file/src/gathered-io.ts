/** What one call transfers at most of several chunks: larger ones are better side by side. */
const MOST_BYTES = 512 * 1024;

/** As readv and writev: transfers to or from the buffers, and says how many bytes it did. */
export type Transfer = (buffers: readonly Uint8Array[], position: number) => Promise<number>;

interface Chunk {
  readonly buffer: Uint8Array;
  readonly position: number;
  readonly resolve: (bytes: number | Promise<number>) => void;
}

/**
 * Transfers between memory and one file. Chunks of one turn of the event loop that follow
 * one another in the file go in one call: handing a call to the thread pool costs the event
 * loop more than 64 KiB cost the pool.
 */
export class GatheredIo {
  readonly #transfer: Transfer;
  #chunks: Chunk[] = [];

  constructor(transfer: Transfer) {
    this.#transfer = transfer;
  }

  /** @returns how many bytes, which may be fewer; 0: none can be, as at the end of the file */
  transfer(buffer: Uint8Array, position: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    if (this.#chunks.push({ buffer, position, resolve }) === 1) {
      process.nextTick(() => {
        for (const run of runsOf(this.#chunks.splice(0))) void this.#transferRun(run);
      });
    }
    return promise;
  }

  async #transferRun(run: readonly [Chunk, ...Chunk[]]): Promise<void> {
    const [first] = run;
    const whole = this.#transfer(
      run.map(({ buffer }) => buffer),
      first.position,
    );
    if (run.length === 1) return first.resolve(whole);
    let left = await whole.catch(() => 0);
    for (const { buffer, position, resolve } of run) {
      const bytes = Math.min(left, buffer.length);
      left -= bytes;
      // What was not reached may fail, or end, or go well: asked by itself, it tells.
      resolve(bytes > 0 ? bytes : this.#transfer([buffer], position));
    }
  }
}

/** Chunks one behind the other in the file, as far as one call should go. */
function runsOf(chunks: readonly Chunk[]): (readonly [Chunk, ...Chunk[]])[] {
  const runs: [Chunk, ...Chunk[]][] = [];
  let end = -1;
  let bytes = 0;
  for (const chunk of chunks.toSorted((a, b) => a.position - b.position)) {
    const { length } = chunk.buffer;
    const run = runs.at(-1);
    if (run && chunk.position === end && bytes + length <= MOST_BYTES) {
      run.push(chunk);
      bytes += length;
    } else {
      runs.push([chunk]);
      bytes = length;
    }
    end = chunk.position + length;
  }
  return runs;
}
