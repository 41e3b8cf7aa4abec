import { randomUUID } from 'node:crypto';
import {
  AgentError,
  type AgentEvent,
  AgentReady,
  type AgentReadyEvent,
  Cancel,
  type Init,
  type Method,
  Telemetry,
  type TelemetryReport,
} from '@limiquantix/agent-proto';
import type { Envelope } from '@limiquantix/agent-proto/codec';
import { type Dialect, HARD_MAX_MESSAGE_BYTES } from '@limiquantix/agent-proto/frame';
import { refusedAnswer } from './answer.ts';
import { connectionLost } from './connection-error.ts';
import { download } from './download.ts';
import { Introduction } from './introduction.ts';
import { Latest } from './latest.ts';
import { Link, type Pauses } from './link.ts';
import type { Logger } from './log.ts';
import {
  type AgentClientOptions,
  type CallOptions,
  type ClientState,
  type DownloadOptions,
  type EventOptions,
  type ReconnectOptions,
  type UploadOptions,
  wholeNumber,
} from './options.ts';
import { cancelled, PendingCalls, type Request } from './pending.ts';
import { sealRequest } from './request-frame.ts';
import { Subscriptions } from './subscriptions.ts';
import { upload } from './upload.ts';
import { UploadLimit } from './upload-limit.ts';
import { usualTimeoutMs } from './usual-timeout.ts';
import { whenReady } from './when-ready.ts';

/** Longer frames wait for the others, as those of methods do that carry bulk data. */
const BULK_BYTES = 64 * 1024;

export interface ReceivedTelemetry {
  readonly report: TelemetryReport;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/**
 * One agent, over the socket of its VM's channel. Connects in the background and again
 * whenever the connection is lost, until {@link AgentClient.close}; so long it keeps the
 * process alive. A request is never sent twice: a call whose connection is lost rejects.
 */
export class AgentClient {
  readonly #path: string;
  readonly #framing: Dialect;
  readonly #maxMessageBytes: number;
  readonly #log: Logger | undefined;
  readonly #link: Link;
  readonly #calls: PendingCalls;
  readonly #subscriptions = new Subscriptions();
  readonly #ready = new Latest(AgentReady);
  readonly #telemetry = new Latest(Telemetry);
  readonly #uploadLimit = new UploadLimit(this);
  readonly #introduction = new Introduction(this, () => this.#ready.received);
  readonly #stateListeners = new Set<(state: ClientState) => void>();
  /** Told once how the first attempt to connect ended. */
  #onFirstAttempt: ((error: AgentError | undefined) => void) | undefined;
  /** Of a UUID, whose randomness Node keeps in store: for thousands of clients that shows. */
  readonly #idPrefix = `${randomUUID().slice(-12)}-`;
  #idCount = 0;
  #lastHeardAt: number | undefined;

  /** @throws AgentError CONFIG_INVALID */
  constructor(options: AgentClientOptions) {
    if (!options.path) throw new AgentError('CONFIG_INVALID', { detail: 'path is empty' });
    this.#path = options.path;
    this.#framing = options.framing ?? 'plain';
    this.#log = options.log;
    this.#maxMessageBytes = Math.min(
      wholeNumber('maxMessageBytes', options.maxMessageBytes ?? HARD_MAX_MESSAGE_BYTES, 4096),
      HARD_MAX_MESSAGE_BYTES,
    );
    this.#calls = new PendingCalls({
      maxInFlight: wholeNumber('maxInFlight', options.maxInFlight ?? 1024, 1),
      send: (request) => this.#send(request),
      abandon: (id) => this.#abandon(id),
    });
    this.#link = new Link({
      path: this.#path,
      vsockPort:
        options.vsockPort === undefined
          ? undefined
          : wholeNumber('vsockPort', options.vsockPort, 1),
      maxMessageBytes: this.#maxMessageBytes,
      reconnect: options.reconnect === false ? false : pauses(options.reconnect),
      log: options.log,
      onMessage: (envelope) => this.#receive(envelope),
      onRefused: (id, fault) => this.#calls.fail(id, refusedAnswer(fault)),
      onState: (state) => this.#enter(state),
      onFailure: (error) => this.#onFirstAttempt?.(error),
    });
  }

  /**
   * Resolves when the client is connected; makes one attempt.
   * @throws AgentError why it could not connect, naming the path
   */
  static async connect(options: AgentClientOptions): Promise<AgentClient> {
    const client = new AgentClient(options);
    const error = await new Promise<AgentError | undefined>((resolve) => {
      client.#onFirstAttempt = resolve;
    });
    client.#onFirstAttempt = undefined;
    if (!error) return client;
    await client.close();
    throw error;
  }

  get state(): ClientState {
    return this.#link.state;
  }

  /** Why it is not connected; undefined while it is, and before the first attempt ended. */
  get lastError(): AgentError | undefined {
    return this.#link.lastError;
  }

  /** The newest AgentReady of this connection. Absent where no agent runs in the guest. */
  get ready(): AgentReadyEvent | undefined {
    return this.#ready.message;
  }

  /**
   * When the agent last said anything, in milliseconds since the epoch; undefined before it did.
   * A channel may be connected whose agent has long been silent: then only this tells.
   */
  get lastHeardAt(): number | undefined {
    return this.#lastHeardAt;
  }

  /** The newest report, which may be of an earlier connection: see when it was received. */
  get latestTelemetry(): ReceivedTelemetry | undefined {
    const report = this.#telemetry.message;
    return report && { report, receivedAt: this.#telemetry.receivedAt };
  }

  /**
   * Sends a request and resolves with its response.
   * @throws AgentError what the agent answered; CONNECTION_LOST while not connected or when
   * the connection is lost; {@link CallTimeout}; {@link BadAnswer}; RATE_LIMIT_EXCEEDED
   */
  call<Req, Res>(
    method: Method<Req, Res>,
    request: Init<Req>,
    { signal, timeoutMs = usualTimeoutMs(request) }: CallOptions = {},
  ): Promise<Res> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw cancelled(method.name, signal);
      if (this.state !== 'connected') throw this.#notConnected();
      const id = this.#nextId();
      const frame = sealRequest(this.#framing, id, method, request);
      const answered = resolve as (response: unknown) => void;
      this.#calls.run({ id, method, frame, timeoutMs, signal }, answered, reject);
    });
  }

  /**
   * Resolves with what the agent says of itself once there is a connection and it has said it, at
   * once where it has already: after {@link connect} the guest may still boot.
   * @throws AgentError CONNECTION_LOST where the client is closed; {@link CallTimeout}
   */
  whenReady(options: CallOptions = {}): Promise<AgentReadyEvent> {
    return whenReady(this, options);
  }

  /**
   * The agent's events from now on, across reconnects, until the client is closed. A slow
   * consumer loses the oldest ones.
   */
  events<T>(event: AgentEvent<T>, options: EventOptions = {}): AsyncIterableIterator<T> {
    const stream = this.#subscriptions.open(event, options);
    if (this.state === 'closed') stream.end();
    return stream;
  }

  /** Tells of every change. A listener must not throw. @returns stops it */
  onState(listener: (state: ClientState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /**
   * A file of the guest, in order, up to the size that it has at the beginning. To stop
   * early (`break`) cancels what is in flight.
   * @throws AgentError INVALID_OFFSET where the file became shorter meanwhile
   */
  download(path: string, options: DownloadOptions = {}): AsyncIterableIterator<Uint8Array> {
    return download({ client: this, maxMessageBytes: this.#maxMessageBytes }, path, options);
  }

  /**
   * Writes a file of the guest anew; an empty source makes an empty file. Where it fails
   * the file holds a part. The source's chunks must not change until it has ended.
   */
  upload(
    path: string,
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: UploadOptions = {},
  ): Promise<{ readonly bytesWritten: number }> {
    return upload({ client: this, limit: this.#uploadLimit }, path, source, options);
  }

  /**
   * Rejects what is pending with CONNECTION_LOST, tells the agent to stop it, and ends the events;
   * resolves when all is closed.
   */
  close(): Promise<void> {
    this.#calls.abandonAll();
    return this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #nextId(): string {
    return this.#idPrefix + (++this.#idCount).toString(36);
  }

  #send({ id, method, frame }: Request): void {
    const bulk = method.bulk.request !== undefined || frame.bytes > BULK_BYTES;
    this.#link.outbox?.send(id, frame, bulk);
  }

  /** Tells the agent to stop, unless the request has not even left. */
  #abandon(id: string): void {
    const outbox = this.#link.outbox;
    if (!outbox || outbox.withdraw(id)) return;
    const cancelId = this.#nextId();
    const cancel = sealRequest(this.#framing, cancelId, Cancel, { messageId: id });
    outbox.send(cancelId, cancel, false);
  }

  #receive(envelope: Envelope): boolean {
    this.#lastHeardAt = Date.now();
    if (this.#calls.answer(envelope)) return true;
    // An answer that came too late, an ErrorEvent among them, is nobody's event.
    if (envelope.id.startsWith(this.#idPrefix)) return false;
    if (envelope.field === AgentReady.field) this.#ready.put(envelope.payload);
    if (envelope.field === Telemetry.field) this.#telemetry.put(envelope.payload);
    this.#subscriptions.deliver(envelope.field, envelope.payload);
    return false;
  }

  #enter(state: ClientState): void {
    if (state === 'connected') {
      this.#introduction.begin();
      this.#onFirstAttempt?.(undefined);
    } else {
      this.#introduction.end();
      this.#ready.clear();
      this.#uploadLimit.forget();
      this.#calls.rejectAll((sent) => this.#interrupted(sent));
    }
    if (state === 'closed') this.#subscriptions.endAll();
    for (const listener of [...this.#stateListeners]) {
      // A listener may have closed the client, of which the others know already.
      if (this.state === state) this.#tell(listener, state);
    }
    if (state === 'closed') this.#stateListeners.clear();
  }

  #tell(listener: (state: ClientState) => void, state: ClientState): void {
    try {
      listener(state);
    } catch (error) {
      this.#log?.error('a state listener threw', { path: this.#path, error });
    }
  }

  #notConnected(): AgentError {
    const cause = this.lastError;
    return connectionLost(`${this.#path} is ${this.state}`, {
      cause,
      context: cause?.message,
      resolution: cause?.resolution ?? 'Wait until the client is connected',
    });
  }

  #interrupted(sent: boolean): AgentError {
    const cause = this.lastError;
    const fate = sent ? 'may have been carried out' : 'was not sent';
    return connectionLost(`${this.#path} was lost before the answer`, {
      cause,
      context: `the request ${fate}; ${cause?.message}`,
      resolution: 'See in the guest what was done, then call again',
    });
  }
}

function pauses({ minMs = 100, maxMs = 5000 }: ReconnectOptions = {}): Pauses {
  wholeNumber('reconnect.minMs', minMs, 1);
  return { minMs, maxMs: wholeNumber('reconnect.maxMs', maxMs, minMs) };
}
