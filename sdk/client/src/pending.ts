import { AgentError, type AnyMethod, ErrorReason } from '@limiquantix/agent-proto';
import type { Envelope, SealedFrame } from '@limiquantix/agent-proto/codec';
import { readAnswer } from './answer.ts';
import { CallTimeout } from './call-timeout.ts';
import { DeadlineTimer } from './deadline-timer.ts';

export interface Request {
  readonly id: string;
  readonly method: AnyMethod;
  readonly frame: SealedFrame;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A request without its answer. */
class PendingCall {
  readonly request: Request;
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Listens to the signal; undefined where there is none. */
  readonly onAbort: (() => void) | undefined;

  constructor(
    request: Request,
    resolve: (response: unknown) => void,
    reject: (error: unknown) => void,
    giveUp: (call: PendingCall, error: AgentError) => void,
  ) {
    this.request = request;
    this.resolve = resolve;
    this.reject = reject;
    // NaN is no time at all.
    this.deadline = performance.now() + (request.timeoutMs || 0);
    const { signal, method } = request;
    this.onAbort = signal && (() => giveUp(this, cancelled(method.name, signal)));
    if (this.onAbort) signal?.addEventListener('abort', this.onAbort);
  }
}

export interface PendingCallsOptions {
  readonly maxInFlight: number;
  readonly send: (request: Request) => void;
  /** A call that was sent is given up. */
  readonly abandon: (id: string) => void;
}

/** How many calls may wait for their turn, for each that may be in flight. */
const WAITING_PER_IN_FLIGHT = 4;
/**
 * Of all requests without an answer. A guest that reads nothing must not fill the host's memory
 * with what others want to write to it; sixteen uploads of 4 MiB in flight fit.
 */
const MAX_UNANSWERED_BYTES = 64 * 1024 * 1024;

/** The calls that have no answer yet: in flight, or waiting for their turn. */
export class PendingCalls {
  readonly #options: PendingCallsOptions;
  readonly #inFlight = new Map<string, PendingCall>();
  readonly #waiting = new Map<string, PendingCall>();
  /** Of the requests of both. */
  #bytes = 0;
  readonly #deadlines = new DeadlineTimer((now) => this.#expire(now));

  constructor(options: PendingCallsOptions) {
    this.#options = options;
  }

  /** Settles a promise with what becomes of the request. @throws AgentError RATE_LIMIT_EXCEEDED */
  run(request: Request, resolve: PendingCall['resolve'], reject: PendingCall['reject']): void {
    if (this.#waiting.size >= this.#options.maxInFlight * WAITING_PER_IN_FLIGHT) {
      throw busy(`${this.#waiting.size} calls wait for their turn`);
    }
    const bytes = this.#bytes + request.frame.bytes;
    if (bytes > MAX_UNANSWERED_BYTES) {
      throw busy(`${this.#bytes} bytes of requests have no answer yet`);
    }
    this.#bytes = bytes;
    const call = new PendingCall(request, resolve, reject, this.#giveUp);
    this.#deadlines.set(call.deadline);
    if (this.#inFlight.size < this.#options.maxInFlight) this.#start(call);
    else this.#waiting.set(request.id, call);
  }

  /** @returns whether the message is the answer to a call */
  answer(envelope: Envelope): boolean {
    const call = this.#take(envelope.id);
    if (!call) return false;
    try {
      call.resolve(readAnswer(call.request.method, envelope));
    } catch (error) {
      call.reject(error);
    }
    return true;
  }

  /** The agent is told to stop what it was sent; {@link rejectAll} is still to come. */
  abandonAll(): void {
    for (const id of this.#inFlight.keys()) this.#options.abandon(id);
  }

  /** The answer to this call, if it is one, cannot be had. */
  fail(id: string, error: AgentError): void {
    this.#take(id)?.reject(error);
  }

  /** @param errorFor an error, given whether the call may have reached the agent */
  rejectAll(errorFor: (sent: boolean) => AgentError): void {
    this.#deadlines.clear();
    for (const queue of [this.#inFlight, this.#waiting]) {
      const sent = queue === this.#inFlight;
      for (const call of queue.values()) {
        this.#release(call);
        call.reject(errorFor(sent));
      }
      queue.clear();
    }
  }

  #start(call: PendingCall): void {
    this.#inFlight.set(call.request.id, call);
    this.#options.send(call.request);
  }

  /** Its call is over and the next one's turn has come. */
  #take(id: string): PendingCall | undefined {
    const call = this.#inFlight.get(id);
    if (!call) return undefined;
    this.#inFlight.delete(id);
    this.#release(call);
    const next = this.#waiting.values().next().value;
    if (next) {
      this.#waiting.delete(next.request.id);
      this.#start(next);
    }
    return call;
  }

  readonly #giveUp = (call: PendingCall, error: AgentError): void => {
    const { id } = call.request;
    if (this.#waiting.delete(id)) {
      this.#release(call);
    } else {
      this.#take(id);
      this.#options.abandon(id);
    }
    call.reject(error);
  };

  /** @returns the next deadline */
  #expire(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const queue of [this.#inFlight, this.#waiting]) {
      for (const call of queue.values()) {
        if (call.deadline <= now) this.#giveUp(call, timedOut(call.request));
        else if (call.deadline < next) next = call.deadline;
      }
    }
    return next;
  }

  #release({ request, onAbort }: PendingCall): void {
    if (onAbort) request.signal?.removeEventListener('abort', onAbort);
    this.#bytes -= request.frame.bytes;
  }
}

/**
 * What a call is rejected with whose signal was aborted: an AgentError as the reason stays.
 * @param what the method's name
 */
export function cancelled(what: string, { reason }: AbortSignal): AgentError {
  if (AgentError.is(reason)) return reason;
  if ((reason as Error | undefined)?.name === 'TimeoutError') {
    return new CallTimeout(`${what} before its caller's time was up`, { cause: reason });
  }
  const error = new AgentError('READ_FAILED', {
    reason: ErrorReason.CANCELLED,
    cause: reason,
    resolution: 'Call again; what was asked may have been done in part',
  });
  error.message = `The call ${what} was cancelled by its caller`;
  return error;
}

function timedOut({ method, timeoutMs }: Request): CallTimeout {
  return new CallTimeout(`${method.name} within ${timeoutMs} ms`);
}

function busy(why: string): AgentError {
  return new AgentError('RATE_LIMIT_EXCEEDED', {
    detail: `the agent does not keep up: ${why}`,
    resolution: 'Wait for answers before calling again',
  });
}
