import {
  AgentError,
  FileRead,
  type FileReadRequest,
  FileWrite,
  type FileWriteRequest,
  GetCapabilities,
} from '@limiquantix/agent-proto';
import type { Received, ScriptedAgent } from './scripted-agent.ts';

export interface ScriptedFile {
  content: Buffer;
  /** What its answers say; a file of /proc says 0. @default the content's length */
  totalSize?: number;
  /** The most that one answer has. @default no limit */
  readonly mostBytes?: number;
}

/** Answers in another order than asked, when nothing more has come for a while. */
export class Disorder {
  readonly #quietMs: number;
  mostInFlight = 0;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(quietMs: number) {
    this.#quietMs = quietMs;
  }

  later(answer: () => void): void {
    this.#waiting.push(answer);
    this.mostInFlight = Math.max(this.mostInFlight, this.#waiting.length);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#answerAll(), this.#quietMs);
  }

  #answerAll(): void {
    for (const answer of this.#waiting.splice(0).reverse()) answer();
  }
}

/** Serves file_read from memory. */
export function serveReads(agent: ScriptedAgent, file: ScriptedFile, quietMs = 1): Disorder {
  const disorder = new Disorder(quietMs);
  agent.on(FileRead, (received) => disorder.later(() => answerRead(received, file)));
  return disorder;
}

function answerRead(
  received: Received & { readonly request: FileReadRequest },
  { content, totalSize = content.length, mostBytes = Number.POSITIVE_INFINITY }: ScriptedFile,
): void {
  const { maxBytes } = received.request;
  const offset = Number(received.request.offset);
  if (offset > content.length) {
    received.host.answer(received, {}, new AgentError('INVALID_OFFSET', { detail: `${offset}` }));
    return;
  }
  const data = content.subarray(offset, offset + Math.min(maxBytes, mostBytes));
  const eof = offset + data.length >= content.length;
  received.host.answer(received, { success: true, data, eof, totalSize, offset });
}

export interface Written {
  /** Undefined until the first write. */
  content: Buffer | undefined;
  readonly writes: FileWriteRequest[];
  readonly disorder: Disorder;
}

/** Serves file_write into memory, and get_capabilities. */
export function serveWrites(agent: ScriptedAgent, maxChunkBytes: number, quietMs = 1): Written {
  const written: Written = { content: undefined, writes: [], disorder: new Disorder(quietMs) };
  agent.reply(GetCapabilities, () => ({ maxChunkBytes, maxMessageBytes: 4 * 1024 * 1024 }));
  agent.on(FileWrite, (received) => {
    const { request } = received;
    const data = Buffer.from(request.data);
    written.writes.push({ ...request, data });
    written.disorder.later(() => {
      const before = request.truncate ? Buffer.alloc(0) : (written.content ?? Buffer.alloc(0));
      const offset = Number(request.offset);
      const content = Buffer.alloc(Math.max(before.length, offset + data.length));
      content.set(before);
      content.set(data, offset);
      written.content = content;
      received.host.answer(received, { success: true, bytesWritten: data.length });
    });
  });
  return written;
}
