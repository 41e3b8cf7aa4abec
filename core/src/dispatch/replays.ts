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
import type { IncomingCall } from './incoming-call.ts';

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

type Call = Pick<IncomingCall, 'id' | 'method'>;

/**
 * The requests that were carried out: a host that lost its connection before it had the answer
 * sends the same again, and must not have a command run or a guest rebooted twice.
 */
export class Replays {
  /** The oldest first. */
  readonly #begun = new Map<string, Begun>();
  /** By the call that carries it out: one that comes again must not end or forget it. */
  readonly #own = new WeakMap<Call, Begun>();
  readonly #now: () => number;
  #bytes = 0;

  /** @param now monotonic milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * To be called when nothing refuses the request any more: from now on it may have been carried
   * out, in part at least.
   * @returns how this very request was answered before, where it was
   * @throws AgentError INVALID_MESSAGE_ID where it has no answer yet, or that was not kept
   */
  begin(call: Call, payload: Uint8Array): GivenAnswer | undefined {
    const { id, method } = call;
    if (!ONCE.has(method) || !UUID.test(id)) return undefined;
    const checksum = checksumOf(payload);
    const before = this.#begun.get(id);
    const isSame = before?.method === method && before.checksum === checksum;
    if (isSame && this.#now() - before.at <= KEPT_MS) {
      if (!before.answer) throw before.done ? answerGone(id) : stillRunning(id);
      return before.answer;
    }
    this.#remove(id);
    const begun = { method, checksum, at: this.#now(), done: false, answer: undefined, bytes: 0 };
    this.#begun.set(id, begun);
    this.#own.set(call, begun);
    this.#shrink();
    return undefined;
  }

  /** @param bytes what the answer takes */
  end(call: Call, answer: GivenAnswer, bytes: number): void {
    const request = this.#ownOf(call);
    if (!request) return;
    request.done = true;
    if (bytes > LARGEST_BYTES) return;
    request.answer = answer;
    request.bytes = bytes;
    this.#bytes += bytes;
    this.#shrink();
  }

  /** What failed may be tried again. */
  forget(call: Call): void {
    if (this.#ownOf(call)) this.#remove(call.id);
  }

  #ownOf(call: Call): Begun | undefined {
    const request = ONCE.has(call.method) ? this.#own.get(call) : undefined;
    return request === this.#begun.get(call.id) ? request : undefined;
  }

  #remove(id: string): void {
    this.#bytes -= this.#begun.get(id)?.bytes ?? 0;
    this.#begun.delete(id);
  }

  #shrink(): void {
    const oldest = this.#now() - KEPT_MS;
    for (const [id, { at }] of this.#begun) {
      const fits = this.#begun.size <= MOST_REQUESTS && this.#bytes <= MOST_BYTES;
      if (fits && at >= oldest) return;
      this.#remove(id);
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
