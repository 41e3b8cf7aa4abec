import { createHash } from 'node:crypto';
import {
  AgentError,
  FileRead,
  type FileReadRequest,
  FileWrite,
  type FileWriteRequest,
  GetCapabilities,
} from '@limiquantix/agent-proto';
import { type Line, on } from './scripted-agent.ts';

const CHUNK = 64 * 1024;
const modifiedAt = { seconds: 1_769_335_800, nanos: 123_000_000 };

/** Lines of an agent whose every path is this file, read in chunks as agents do. */
export function readable(file: Uint8Array, claimedSize = file.length): Line {
  return on(FileRead, ({ offset, maxBytes }: FileReadRequest) => {
    const start = Number(offset);
    if (start > file.length) throw new AgentError('INVALID_OFFSET', { detail: String(start) });
    const data = file.subarray(start, start + Math.min(maxBytes || CHUNK, CHUNK));
    const eof = start + data.length === file.length;
    return { data, eof, totalSize: claimedSize, offset, mode: 0o644, modifiedAt };
  });
}

/** A file that is written, chunk after chunk in order; only its hash is kept. */
export class WrittenFile {
  readonly #hash = createHash('sha256');
  readonly #waiting = new Map<number, Uint8Array>();
  bytes = 0;
  first: FileWriteRequest | undefined;

  lines(beforeEach: () => Promise<void> = async () => undefined): Line[] {
    return [
      on(GetCapabilities, () => ({ maxChunkBytes: CHUNK, maxMessageBytes: 4 * 1024 * 1024 })),
      on(FileWrite, async (request: FileWriteRequest) => {
        await beforeEach();
        this.first ??= request;
        this.#waiting.set(Number(request.offset), request.data);
        this.#take();
        return { bytesWritten: request.data.length };
      }),
    ];
  }

  digest(): string {
    return this.#hash.digest('hex');
  }

  #take(): void {
    for (;;) {
      const data = this.#waiting.get(this.bytes);
      if (!data) return;
      this.#waiting.delete(this.bytes);
      this.#hash.update(data);
      this.bytes += data.length;
      if (data.length === 0) return;
    }
  }
}
