import type { Duplex } from 'node:stream';
import {
  AgentError,
  type AgentEvent,
  AgentReady,
  type AnyMethod,
  ErrorReport,
  type Init,
  type Method,
  methodOfRequest,
} from '@limiquantix/agent-proto';
import {
  AgentErrorCodec,
  type Codec,
  type Envelope,
  encode,
  eventCodec,
  isMessageId,
  openEnvelope,
  responseCodec,
  type SealedFrame,
  seal,
} from '@limiquantix/agent-proto/codec';
import {
  type Dialect,
  FrameDecoder,
  type FrameFault,
  leadingId,
} from '@limiquantix/agent-proto/frame';
import type { Logger, Session as SessionFacts } from '@limiquantix/plugin-sdk';
import { errorEvent, faultError, unknownType } from './errors.ts';
import { RequestMemory } from './memory.ts';
import { Outbox, type OutgoingFrame, Priority } from './outbox.ts';
import { newSessionId } from './session-id.ts';
import { Turns } from './turns.ts';

/** A request as it came out of its envelope. */
export interface Request {
  readonly id: string;
  readonly method: AnyMethod;
  readonly payload: Uint8Array;
  /** What the payload lies in, where nothing else does. */
  readonly memory?: ArrayBuffer | undefined;
}

/** A request that has no answer yet. */
export interface InFlight {
  readonly id: string;
  readonly requestBytes: number;
  /** Whether its handler runs: then it goes on when its host leaves. */
  readonly begun: boolean;
  cancel(reason: AgentError): void;
}

export interface SessionOptions {
  readonly stream: Duplex;
  readonly framing: 'auto' | Dialect;
  readonly maxMessageBytes: number;
  readonly log: Logger;
  readonly onRequest: (request: Request, session: Session) => void;
  readonly onEnd: (session: Session) => void;
}

export interface AnswerOptions {
  /** Travels in the envelope. */
  readonly error?: AgentError | undefined;
  /** Runs once the answer was written, or will never be. */
  readonly onSent?: (() => void) | undefined;
}

/**
 * How many requests may have no answer yet, and what they may hold. The limits of each class
 * are stricter; this is for what comes before them, such as a plugin's slow say.
 */
const MAX_IN_FLIGHT = 1024;
const MAX_IN_FLIGHT_BYTES = 128 * 1024 * 1024;
/** From this size on an answer gives way to others. */
const BULK_BYTES = 16 * 1024;
/** How often a half-received frame is looked at. */
const EXPIRE_MS = 500;
/** An id that cannot be used is still repeated, so that its sender finds the request. */
const LONGEST_ECHO = 256;

/** One connection of a host: requests in, answers and events out. */
export class Session implements SessionFacts {
  readonly id: string = newSessionId();
  /** The requests that have no answer yet, by id. */
  readonly inFlight: Map<string, InFlight> = new Map();
  readonly outbox: Outbox;
  readonly log: Logger;
  /** Of its requests. */
  readonly memory: RequestMemory = new RequestMemory();
  readonly #options: SessionOptions;
  readonly #decoder: FrameDecoder;
  readonly #turns = new Turns(() => this.#readOn());
  #dialect: Dialect;
  #expiry: NodeJS.Timeout | undefined;
  #pausedAt: number | undefined;
  #pausedMs = 0;
  #inFlightBytes = 0;
  #eventId = 0;
  #ended = false;

  constructor(options: SessionOptions) {
    const { stream, framing } = options;
    this.#options = options;
    this.log = options.log;
    this.#dialect = framing === 'auto' ? 'plain' : framing;
    this.outbox = new Outbox(stream);
    this.#decoder = new FrameDecoder({
      maxBytes: options.maxMessageBytes,
      onFrame: (message, dialect, memory) => this.#receive(message, dialect, memory),
      onFault: (fault) => {
        this.#hear(fault.dialect);
        this.#turns.take(() => this.#refuse(fault));
      },
      takeMemory: this.memory.take,
      now: () => this.#readingMs(),
    });
    stream.on('data', (chunk: Buffer) => this.#push(chunk));
    stream.on('error', (error) => this.end(error));
    stream.once('end', () => this.end());
    stream.once('close', () => this.end());
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** A request begins its way. */
  entered(call: InFlight): void {
    this.inFlight.set(call.id, call);
    this.#inFlightBytes += call.requestBytes;
  }

  /** It came to its end, whether or not it was answered. */
  left(call: InFlight): void {
    this.inFlight.delete(call.id);
    this.#inFlightBytes -= call.requestBytes;
    this.#readOn();
  }

  /**
   * Sends an answer.
   * @returns the bytes that it takes, whether or not there still is a host to send it to
   * @throws AgentError ENCODING_ERROR or MESSAGE_TOO_LARGE; then nothing was sent
   */
  answer<Res>(
    id: string,
    method: Method<unknown, Res>,
    response: Init<Res>,
    { error, onSent }: AnswerOptions = {},
  ): number {
    const frame = this.#seal(id, method.response, responseCodec(method), response, {
      error,
      bulk: method.bulk.response,
    });
    const urgent = method.limit === 'none';
    const priority = urgent ? Priority.URGENT : bulkOr(Priority.ANSWER, frame);
    this.#send(onSent ? { ...frame, onSent } : frame, priority);
    return frame.bytes;
  }

  /** Answers a request that cannot be answered in its own type. */
  refuse(id: string, error: AgentError): void {
    const frame = this.#seal(id, ErrorReport.field, eventCodec(ErrorReport), errorEvent(error), {
      error,
    });
    this.#send(frame, Priority.ANSWER);
  }

  /** Sends an event; one that cannot be sent is logged, since nobody waits for it. */
  emit<T>(event: AgentEvent<T>, message: Init<T>): void {
    const id = `event-${++this.#eventId}`;
    try {
      const frame = this.#seal(id, event.field, eventCodec(event), message, { bulk: event.bulk });
      // AgentReady opens the session: nothing may come before it.
      const first = event.field === AgentReady.field;
      const priority = event.latestOnly ? Priority.LATEST : Priority.EVENT;
      this.#send(frame, first ? Priority.URGENT : priority);
    } catch (error) {
      this.log.error(`event dropped: ${error}`, { event: event.name });
    }
  }

  /** @param cause why, where it was not the host's own doing */
  end(cause?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#expiry);
    this.#abandonWaiting();
    this.#turns.clear();
    this.#decoder.reset();
    this.outbox.clear();
    this.memory.clear();
    this.#options.stream.destroy();
    this.log.info('host disconnected', { reason: cause?.message, dropped: this.outbox.dropped });
    this.#options.onEnd(this);
  }

  /** Nobody waits for what has not begun, and the host may ask for it again when it is back. */
  #abandonWaiting(): void {
    const reason = new AgentError('CONNECTION_LOST', { detail: 'before the request had its turn' });
    for (const call of this.inFlight.values()) if (!call.begun) call.cancel(reason);
  }

  #push(chunk: Uint8Array): void {
    if (this.#ended) return;
    this.#turns.begin();
    this.outbox.cork();
    try {
      this.#decoder.push(chunk);
    } finally {
      this.outbox.uncork();
    }
    this.#watchPartial();
    if (!this.#busy && !this.outbox.full) return;
    this.#options.stream.pause();
    this.#pausedAt = performance.now();
    this.#readOn();
  }

  /** Only while there is one: an agent that has nothing to do is not to be woken up for it. */
  #watchPartial(): void {
    if (this.#decoder.partial) {
      this.#expiry ??= setInterval(() => {
        this.#decoder.expire();
        this.#watchPartial();
      }, EXPIRE_MS);
    } else {
      clearInterval(this.#expiry);
      this.#expiry = undefined;
    }
  }

  /** A host that asks for more than can be done, or does not read its answers, has to wait. */
  #readOn(): void {
    if (this.#ended || this.#pausedAt === undefined || this.#busy) return;
    if (this.outbox.full) {
      void this.outbox.roomy().then(() => this.#readOn());
      return;
    }
    this.#pausedMs += performance.now() - this.#pausedAt;
    this.#pausedAt = undefined;
    this.#options.stream.resume();
  }

  get #busy(): boolean {
    const tooMany = this.inFlight.size >= MAX_IN_FLIGHT;
    return this.#turns.behind || tooMany || this.#inFlightBytes >= MAX_IN_FLIGHT_BYTES;
  }

  /** A clock that stands still while nothing is read: then no frame is late. */
  #readingMs(): number {
    return (this.#pausedAt ?? performance.now()) - this.#pausedMs;
  }

  #receive(message: Uint8Array, dialect: Dialect, memory: ArrayBuffer | undefined): boolean {
    let envelope: Envelope;
    try {
      envelope = openEnvelope(message);
    } catch (cause) {
      this.#hear(dialect);
      const detail = (cause as Error).message;
      const error = new AgentError('INVALID_MESSAGE', { detail, cause });
      const id = leadingId(message, 0) ?? '';
      this.#turns.take(() => this.refuse(id, error));
      return false;
    }
    this.#speak(dialect);
    this.#turns.take(() => this.#take(envelope, memory));
    return envelope.field !== 0 || isMessageId(envelope.id);
  }

  #take({ id, field, payload }: Envelope, memory: ArrayBuffer | undefined): void {
    if (!isMessageId(id)) {
      const detail = 'message_id must be 1 to 64 letters, digits and hyphens';
      const echo = id.length <= LONGEST_ECHO ? id : '';
      this.refuse(echo, new AgentError('INVALID_MESSAGE_ID', { detail }));
      return;
    }
    const method = methodOfRequest(field);
    if (method) this.#request({ id, method, payload, memory });
    else this.refuse(id, field === 0 ? new AgentError('MISSING_PAYLOAD') : unknownType(field));
  }

  /** Of what was no message: stray bytes may look like a bare length, but hardly ever like the magic. */
  #hear(dialect: Dialect | undefined): void {
    if (dialect === 'magic') this.#speak(dialect);
  }

  #speak(dialect: Dialect): void {
    if (this.#options.framing === 'auto') this.#dialect = dialect;
  }

  #request(request: Request): void {
    if (this.inFlight.has(request.id)) {
      const detail = `a request with the id ${request.id} has no answer yet`;
      this.refuse(request.id, new AgentError('INVALID_MESSAGE_ID', { detail }));
      return;
    }
    this.#options.onRequest(request, this);
  }

  #refuse({ kind, id, length }: FrameFault): void {
    this.log.debug('frame refused', { kind, length });
    this.refuse(id ?? '', faultError(kind, length, this.#options.maxMessageBytes));
  }

  #seal<T>(
    id: string,
    field: number,
    codec: Codec<T>,
    message: Init<T>,
    {
      error,
      bulk,
    }: { error?: AgentError | undefined; bulk?: { name: string; number: number } | undefined },
  ): SealedFrame {
    const { maxMessageBytes } = this.#options;
    let frame: SealedFrame;
    try {
      const info = error && encode(AgentErrorCodec, error.toWire());
      const head = { id, field, timestamp: Date.now(), error: info };
      frame = seal(this.#dialect, head, codec, message, bulk);
    } catch (cause) {
      const detail = `${codec.name}: ${(cause as Error).message}`;
      throw new AgentError('ENCODING_ERROR', { detail, cause });
    }
    if (frame.bytes <= maxMessageBytes) return frame;
    throw new AgentError('MESSAGE_TOO_LARGE', {
      detail: `${codec.name} has ${frame.bytes} bytes, ${maxMessageBytes} may be sent`,
      resolution: 'Ask for less at a time',
    });
  }

  #send(frame: OutgoingFrame, priority: Priority): void {
    if (this.#ended) frame.onSent?.();
    else this.outbox.push(frame, priority);
  }
}

function bulkOr(priority: Priority, frame: SealedFrame): Priority {
  return frame.bytes >= BULK_BYTES ? Priority.BULK : priority;
}
