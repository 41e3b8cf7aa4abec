import type { AgentError } from '@limiquantix/agent-proto';
import { backoffMs } from './backoff.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { connectionLost, socketFailure } from './connection-error.ts';
import type { Logger } from './log.ts';
import type { ClientState } from './options.ts';
import type { Outbox } from './outbox.ts';

/** The shortest and the longest pause before connecting again. */
export interface Pauses {
  readonly minMs: number;
  readonly maxMs: number;
}

export interface LinkOptions {
  readonly path: string;
  readonly vsockPort: number | undefined;
  readonly maxMessageBytes: number;
  readonly reconnect: Pauses | false;
  readonly log: Logger | undefined;
  readonly onMessage: ConnectionOptions['onMessage'];
  readonly onRefused: ConnectionOptions['onRefused'];
  readonly onState: (state: ClientState) => void;
  /** A connection could not be made, or was lost. */
  readonly onFailure: (error: AgentError) => void;
}

/** Keeps a connection to the agent's channel, until it is closed. */
export class Link {
  readonly #options: LinkOptions;
  readonly #closing = Promise.withResolvers<void>();
  #state: ClientState = 'connecting';
  #lastError: AgentError | undefined;
  #connection: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  #openedAt = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#connect();
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Why there is no connection. */
  get lastError(): AgentError | undefined {
    return this.#lastError;
  }

  /** Where frames go; undefined while there is no connection. */
  get outbox(): Outbox | undefined {
    return this.#state === 'connected' ? this.#connection?.outbox : undefined;
  }

  /** Resolves when the socket is closed. */
  close(): Promise<void> {
    if (this.#state !== 'closed') this.#end(connectionLost('the client was closed'));
    return this.#closing.promise;
  }

  #connect(): void {
    this.#connection = new Connection({
      path: this.#options.path,
      vsockPort: this.#options.vsockPort,
      maxMessageBytes: this.#options.maxMessageBytes,
      log: this.#options.log,
      onMessage: this.#options.onMessage,
      onRefused: this.#options.onRefused,
      onOpen: () => this.#opened(),
      onClosed: (error) => this.#lost(error),
    });
  }

  #opened(): void {
    if (this.#state === 'closed') return;
    this.#openedAt = performance.now();
    this.#lastError = undefined;
    this.#options.log?.debug('connected to the agent channel', { path: this.#options.path });
    this.#enter('connected');
  }

  #lost(cause: NodeJS.ErrnoException | undefined): void {
    this.#connection = undefined;
    if (this.#state === 'closed') {
      this.#closing.resolve();
      return;
    }
    const error = socketFailure(this.#options.path, cause);
    this.#report(error);
    const { reconnect } = this.#options;
    if (reconnect === false) {
      this.#end(error);
    } else {
      this.#lastError = error;
      this.#reconnectLater(reconnect.minMs, reconnect.maxMs);
      this.#enter('connecting');
    }
    this.#options.onFailure(error);
  }

  #reconnectLater(minMs: number, maxMs: number): void {
    // A connection that was lost at once is as good as none: it does not begin the row anew.
    const lasted = this.#state === 'connected' && performance.now() - this.#openedAt > maxMs;
    if (lasted) this.#attempt = 0;
    this.#timer = setTimeout(() => this.#connect(), backoffMs(this.#attempt++, minMs, maxMs));
  }

  #report(error: AgentError): void {
    this.#options.log?.[this.#levelOf(error)](String(error), { path: this.#options.path });
  }

  /** A VM that is off fails every few seconds, and to be off is nothing to warn of. */
  #levelOf({ name, message }: AgentError): keyof Logger {
    if (message === this.#lastError?.message) return 'debug';
    return name === 'CONNECTION_LOST' || name === 'DEVICE_NOT_FOUND' ? 'info' : 'warn';
  }

  #end(error: AgentError): void {
    clearTimeout(this.#timer);
    this.#lastError = error;
    if (!this.#connection) this.#closing.resolve();
    else if (this.#state === 'connected') this.#connection.end();
    else this.#connection.destroy();
    this.#enter('closed');
  }

  #enter(state: ClientState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
