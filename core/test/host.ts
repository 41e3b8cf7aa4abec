import type { Duplex } from 'node:stream';
import {
  type AgentError,
  type AgentEvent,
  ErrorReport,
  type Init,
  type Method,
} from '@limiquantix/agent-proto';
import {
  AgentErrorCodec,
  decode,
  eventCodec,
  openEnvelope,
  requestCodec,
  responseCodec,
  seal,
} from '@limiquantix/agent-proto/codec';
import { type Dialect, FrameDecoder } from '@limiquantix/agent-proto/frame';

/** What a host got from the agent. */
export interface Received {
  readonly id: string;
  readonly field: number;
  readonly dialect: Dialect;
  readonly bytes: Uint8Array;
  /** The code of the envelope's error; undefined where it has none. */
  readonly code: number | undefined;
}

/** The bytes of a request. */
export function requestFrame<Req>(
  id: string,
  method: Method<Req, unknown>,
  request: Init<Req> = {},
  dialect: Dialect = 'plain',
): Buffer {
  const head = { id, field: method.request, timestamp: Date.now() };
  const frame = seal(dialect, head, requestCodec(method), request, method.bulk.request);
  return Buffer.concat(frame.parts);
}

let ids = 0;

/** The other end of a session's stream. */
export class Host {
  readonly stream: Duplex;
  readonly received: Received[] = [];
  #wanted: (() => void)[] = [];

  constructor(stream: Duplex) {
    this.stream = stream;
    const decoder = new FrameDecoder({
      onFrame: (message, dialect) => this.#take(message, dialect),
      onFault: ({ kind }) => {
        throw new Error(`the agent sent no frame: ${kind}`);
      },
    });
    stream.on('data', (chunk: Buffer) => decoder.push(chunk));
    stream.on('error', () => undefined);
  }

  /** @returns the request's id */
  send<Req>(method: Method<Req, unknown>, request: Init<Req> = {}, id = `id-${++ids}`): string {
    this.stream.write(requestFrame(id, method, request));
    return id;
  }

  /** Sends a request and waits for its answer. */
  async call<Req, Res>(method: Method<Req, Res>, request: Init<Req> = {}): Promise<Answer<Res>> {
    return this.answer(method, this.send(method, request));
  }

  /** The answer to a request, in its own type. */
  async answer<Req, Res>(method: Method<Req, Res>, id: string): Promise<Answer<Res>> {
    const { field, bytes, code } = await this.first((message) => message.id === id);
    if (field !== method.response) throw new Error(`answered by a message of type ${field}`);
    return { ...decode(responseCodec(method), bytes), code };
  }

  /** The first message that is so, now or later. */
  async first(matches: (message: Received) => boolean): Promise<Received> {
    for (;;) {
      const found = this.received.find(matches);
      if (found) return found;
      await new Promise<void>((resolve) => this.#wanted.push(resolve));
    }
  }

  /** How many messages carry this id. */
  count(id: string): number {
    return this.received.filter((message) => message.id === id).length;
  }

  /** The ErrorEvent that answered a request. */
  async refusal(id: string): Promise<{ code: string; message: string; dialect: Dialect }> {
    const { bytes, dialect } = await this.first(
      (message) => message.id === id && message.field === ErrorReport.field,
    );
    const { code, message } = decode(eventCodec(ErrorReport), bytes);
    return { code, message, dialect };
  }

  event<T>({ bytes }: Received, event: AgentEvent<T>): T {
    return decode(eventCodec(event), bytes);
  }

  #take(message: Uint8Array, dialect: Dialect): boolean {
    const { id, field, payload, error } = openEnvelope(message);
    const code =
      error && (decode(AgentErrorCodec, error) as Init<AgentError> as { code: number }).code;
    this.received.push({ id, field, dialect, bytes: payload, code });
    for (const wake of this.#wanted.splice(0)) wake();
    return true;
  }
}

/** A response, and the code of the error that came with it. */
export type Answer<Res> = Res & { readonly code: number | undefined };
