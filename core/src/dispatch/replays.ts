import {
  AgentError,
  type AnyMethod,
  ConfigureNetwork,
  CreateDirectory,
  Execute,
  FileDelete,
  KillProcess,
  ResetPassword,
  ServiceControl,
  Shutdown,
  SyncTime,
} from '@limiquantix/agent-proto';
import type { Request } from '../session/session.ts';

/** How a request was answered. */
export interface GivenAnswer {
  readonly response: object;
  readonly error: AgentError | undefined;
}

/**
 * What must not be done twice. A chunk of a file is not among them, as it has its place; nor are
 * quiesce and thaw, which know what is frozen by now.
 */
const ONCE: ReadonlySet<AnyMethod> = new Set<AnyMethod>([
  Execute,
  Shutdown,
  ResetPassword,
  ConfigureNetwork,
  SyncTime,
  CreateDirectory,
  FileDelete,
  KillProcess,
  ServiceControl,
]);
/** Hosts that count their requests use a number again; a UUID names one request for ever. */
const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

const MOST_REQUESTS = 1024;
const KEPT_MS = 10 * 60_000;
/** Of all answers, and of one. */
const MOST_BYTES = 1024 * 1024;
const LARGEST_BYTES = 128 * 1024;

interface Begun {
  readonly method: AnyMethod;
  /** Of the encoded request, which may hold secrets. */
  readonly checksum: number;
  readonly at: number;
  done: boolean;
  /** Undefined: there is none yet, or it was not kept. */
  answer: GivenAnswer | undefined;
  bytes: number;
}

/**
 * The requests that were carried out: a host that lost its connection before it had the answer
 * sends the same again, and must not have a command run or a guest rebooted twice.
 */
export class Replays {
  /** The oldest first. */
  readonly #begun = new Map<string, Begun>();
  readonly #now: () => number;
  #bytes = 0;

  /** @param now monotonic milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * @returns how this very request was answered before; undefined where it is another
   * @throws AgentError INVALID_MESSAGE_ID where it has no answer yet, or that was not kept
   */
  answerTo({ id, method, payload }: Request): GivenAnswer | undefined {
    const before = this.#begun.get(id);
    if (before?.method !== method || this.#now() - before.at > KEPT_MS) return undefined;
    if (before.checksum !== checksumOf(payload)) return undefined;
    if (!before.answer) throw before.done ? answerGone(id) : stillRunning(id);
    return before.answer;
  }

  /** From now on the request may have been carried out, in part at least. */
  begin({ id, method }: Pick<Request, 'id' | 'method'>, payload: Uint8Array): void {
    if (!ONCE.has(method) || !UUID.test(id)) return;
    this.forget(id);
    const known = { method, checksum: checksumOf(payload), at: this.#now() };
    this.#begun.set(id, { ...known, done: false, answer: undefined, bytes: 0 });
    this.#shrink();
  }

  /** @param bytes what the answer takes */
  end(
    { id, error }: Pick<GivenAnswer, 'error'> & { readonly id: string },
    response: object,
    bytes: number,
  ): void {
    const request = this.#begun.get(id);
    if (!request) return;
    request.done = true;
    if (bytes > LARGEST_BYTES) return;
    request.answer = { response, error };
    request.bytes = bytes;
    this.#bytes += bytes;
    this.#shrink();
  }

  /** What failed may be tried again. */
  forget(id: string): void {
    this.#bytes -= this.#begun.get(id)?.bytes ?? 0;
    this.#begun.delete(id);
  }

  #shrink(): void {
    const oldest = this.#now() - KEPT_MS;
    for (const [id, { at }] of this.#begun) {
      const fits = this.#begun.size <= MOST_REQUESTS && this.#bytes <= MOST_BYTES;
      if (fits && at >= oldest) return;
      this.forget(id);
    }
  }
}

/** Loaded when something is carried out: it takes longer to load than a short command to run. */
function checksumOf(payload: Uint8Array): number {
  return process.getBuiltinModule('node:zlib').crc32(payload);
}

function stillRunning(id: string): AgentError {
  return new AgentError('INVALID_MESSAGE_ID', {
    detail: `the request ${id} is still being carried out`,
    resolution: 'Wait, then send it again with the same id to get its answer',
  });
}

function answerGone(id: string): AgentError {
  return new AgentError('INVALID_MESSAGE_ID', {
    detail: `the request ${id} was carried out, and its answer was too long to be kept`,
    resolution: 'See in the guest what was done; give another request an id of its own',
  });
}
