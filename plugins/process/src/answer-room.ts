import type { Init, ProcessInfo } from '@limiquantix/plugin-sdk';

// A message may hold 65,536 elements; each process and each thread is one or two.
const MAX_ENTRIES = 4096;
const MAX_THREADS = 16_384;
/** Envelope, and the answer's other fields. */
const OVERHEAD_BYTES = 16 * 1024;
/** Tags, lengths and numbers of one entry; all of its state and time. */
const ENTRY_BYTES = 128;
const THREAD_BYTES = 48;

/** What still fits into an answer. */
export class AnswerRoom {
  #entries: number;
  #threads = MAX_THREADS;
  #bytes: number;

  /** @param maxEntries that the host wants */
  constructor(maxEntries: number, maxMessageBytes: number) {
    this.#entries = Math.min(maxEntries, MAX_ENTRIES);
    this.#bytes = maxMessageBytes - OVERHEAD_BYTES;
  }

  /** How many threads may still be listed. */
  get threads(): number {
    return this.#threads;
  }

  get full(): boolean {
    return this.#entries === 0;
  }

  /** @returns false where it does not fit: then the answer ends before it */
  take(entry: Init<ProcessInfo>): boolean {
    const bytes = sizeOf(entry);
    if (this.full || bytes > this.#bytes) return false;
    this.#entries -= 1;
    this.#threads -= entry.threads?.length ?? 0;
    this.#bytes -= bytes;
    return true;
  }
}

function sizeOf(entry: Init<ProcessInfo>): number {
  const { name = '', commandLine = '', user = '', workingDirectory = '', threads = [] } = entry;
  let bytes = ENTRY_BYTES + THREAD_BYTES * threads.length;
  bytes += Buffer.byteLength(name) + Buffer.byteLength(commandLine);
  bytes += Buffer.byteLength(user) + Buffer.byteLength(workingDirectory);
  for (const thread of threads) bytes += Buffer.byteLength(thread.name ?? '');
  return bytes;
}
