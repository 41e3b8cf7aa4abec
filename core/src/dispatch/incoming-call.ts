import type { AgentError, AnyMethod } from '@limiquantix/agent-proto';
import type { Call, Logger } from '@limiquantix/plugin-sdk';
import type { Log } from '../log/log.ts';
import type { InFlight, Request, Session } from '../session/session.ts';

const NO_BYTES = new Uint8Array(0);

/** A request while it is being served. What most calls never ask for is made when asked. */
export class IncomingCall implements Call, InFlight {
  readonly id: string;
  readonly method: AnyMethod;
  readonly session: Session;
  readonly receivedAt: number = performance.now();
  readonly requestBytes: number;
  readonly #parentLog: Log;
  #abort: AbortController | undefined;
  #log: Logger | undefined;
  #cancelled: AgentError | undefined;
  readonly #memory: ArrayBuffer | undefined;
  #payload: Uint8Array;
  #begun = false;
  #release: (() => void) | undefined;
  /** What its answer is sent with. */
  error: AgentError | undefined;

  constructor(request: Request, session: Session, log: Log) {
    this.id = request.id;
    this.method = request.method;
    this.#memory = request.memory;
    this.#payload = request.payload;
    this.requestBytes = request.payload.length;
    this.session = session;
    this.#parentLog = log;
  }

  /** A small request must not keep the large chunk in memory that it came with. */
  detach(): void {
    const bytes = this.#payload;
    if (bytes.length * 2 < bytes.buffer.byteLength) this.#payload = Buffer.from(bytes);
  }

  /** The encoded request, once: from then on the call does not keep it. */
  takePayload(): Uint8Array {
    const payload = this.#payload;
    this.#payload = NO_BYTES;
    return payload;
  }

  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.#cancelled) this.#abort.abort(this.#cancelled);
    }
    return this.#abort.signal;
  }

  get log(): Logger {
    this.#log ??= this.#parentLog.with({ request_id: this.id, operation: this.method.name });
    return this.#log;
  }

  get begun(): boolean {
    return this.#begun;
  }

  get afterSent(): Call['afterSent'] {
    return (release) => {
      const before = this.#release;
      this.#release = before ? () => [before, release].forEach((each) => void each()) : release;
    };
  }

  get releaseRequest(): Call['releaseRequest'] {
    return () => {
      if (this.#memory) this.session.memory.give(this.#memory);
    };
  }

  get cutShort(): Call['cutShort'] {
    return (error) => {
      this.error = error;
    };
  }

  /** What is to run once the answer was sent, or none of it will be; to be asked for once. */
  get onSent(): (() => void) | undefined {
    const release = this.#release;
    return (
      release &&
      (() => {
        try {
          release();
        } catch (fault) {
          this.log.error(`what was to run after the answer threw: ${fault}`);
        }
      })
    );
  }

  /** Rejects with the reason when the call is cancelled. */
  aborted(): Promise<never> {
    const { signal } = this;
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  /** @throws AgentError the reason, where it was cancelled while it waited */
  begin(): void {
    if (this.#cancelled && this.method.limit !== 'none') throw this.#cancelled;
    this.#begun = true;
  }

  cancel(reason: AgentError): void {
    this.#cancelled ??= reason;
    this.#abort?.abort(this.#cancelled);
  }
}
