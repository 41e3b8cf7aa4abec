/** Enough for what a host has under way; more is given back at once. */
const MOST_FREE_BYTES = 4 * 1024 * 1024;
/** How long it is kept, whether or not it is used again. */
const KEPT_MS = 1000;

/**
 * Memory of large requests that nothing reads any more, for the next ones: new memory would
 * have to be mapped a page at a time, and to V8 it is a reason to collect garbage after every few
 * megabytes, which takes longer than the upload.
 */
export class RequestMemory {
  readonly #free: ArrayBuffer[] = [];
  #freeBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @returns at least `bytes` bytes with any content, where there are some */
  readonly take = (bytes: number): ArrayBuffer | undefined => {
    const fits = ({ byteLength }: ArrayBuffer) => byteLength >= bytes && byteLength <= 2 * bytes;
    // The last one given is the one that the processor's caches still hold.
    const index = this.#free.findLastIndex(fits);
    if (index < 0) return undefined;
    const [memory] = this.#free.splice(index, 1);
    this.#freeBytes -= memory?.byteLength ?? 0;
    return memory;
  };

  /** Takes it away from everybody: views on it are empty from then on. */
  give(memory: ArrayBuffer): void {
    if (memory.detached) return;
    const kept = this.#freeBytes + memory.byteLength <= MOST_FREE_BYTES;
    const own = memory.transfer(kept ? memory.byteLength : 0);
    if (!kept) return;
    this.#free.push(own);
    this.#freeBytes += own.byteLength;
    this.#timer ??= setTimeout(() => this.clear(), KEPT_MS).unref();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const memory of this.#free.splice(0)) memory.transfer(0);
    this.#freeBytes = 0;
  }
}
