import { rename } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import {
  AgentError,
  type AgentEvent,
  AgentReady,
  type AnyMethod,
  Cancel,
  ErrorReport,
  type Init,
  type Method,
  methodOfRequest,
} from '@limiquantix/agent-proto';
import {
  AgentErrorCodec,
  type Codec,
  decode,
  encode,
  eventCodec,
  openEnvelope,
  requestCodec,
  responseCodec,
  seal,
} from '@limiquantix/agent-proto/codec';
import { FrameDecoder } from '@limiquantix/agent-proto/frame';

type Answer = (request: never) => unknown;

/** In place of a response: bytes that are none. */
export const GARBAGE = Symbol('garbage');

/** What an agent of a test does with a request; what is not scripted it does not know. */
export type Line = readonly [AnyMethod, Answer];

export function on<Req, Res>(
  method: Method<Req, Res>,
  answer: (request: Req) => Init<Res> | Promise<Init<Res>> | typeof GARBAGE,
): Line {
  return [method, answer as Answer];
}

/** A guest agent on a unix socket that answers by script. */
export class ScriptedAgent {
  readonly #path: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #script: ReadonlyMap<AnyMethod, Answer>;
  /** Method and request of every call, in order. */
  readonly calls: { readonly name: string; readonly request: unknown }[] = [];
  /** Names of the methods whose calls were cancelled. */
  readonly cancelled: string[] = [];
  readonly #open = new Map<string, string>();

  private constructor(path: string, script: Iterable<Line>) {
    this.#path = path;
    this.#script = new Map(script);
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async listen(path: string, script: Iterable<Line>): Promise<ScriptedAgent> {
    const agent = new ScriptedAgent(path, script);
    await new Promise<void>((resolve) => agent.#server.listen(path, resolve));
    return agent;
  }

  emit<T>(event: AgentEvent<T>, message: Init<T>): void {
    for (const socket of this.#sockets) {
      send(socket, { id: 'event', field: event.field }, eventCodec(event), message);
    }
  }

  /** Stops as a killed hypervisor does, whose socket stays. */
  async crash(): Promise<void> {
    await rename(this.#path, `${this.#path}.kept`);
    await this.close();
    await rename(`${this.#path}.kept`, this.#path);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    const decoder = new FrameDecoder({
      onFrame: (frame) => {
        void this.#answer(socket, Buffer.from(frame));
        return true;
      },
      onFault: (fault) => {
        throw new Error(`the client sent a bad frame: ${fault.kind}`);
      },
    });
    socket.on('data', (chunk) => decoder.push(chunk));
    const ready = { version: '1.2.3', hostname: 'guest-1' };
    send(socket, { id: 'ready', field: AgentReady.field }, eventCodec(AgentReady), ready);
  }

  async #answer(socket: Socket, frame: Uint8Array): Promise<void> {
    const { id, field, payload } = openEnvelope(frame);
    const method = methodOfRequest(field);
    if (!method) throw new Error(`the client sent a message of type ${field}`);
    const request = decode(requestCodec(method), payload);
    if (method === Cancel) {
      this.cancelled.push(this.#open.get(request.messageId) ?? 'unknown');
      return;
    }
    this.calls.push({ name: method.name, request });
    const answer = this.#script.get(method);
    if (!answer) {
      const unknown = { code: 'QXGA-2002', message: `no plugin handles ${method.name}` };
      send(socket, { id, field: ErrorReport.field }, eventCodec(ErrorReport), unknown);
      return;
    }
    this.#open.set(id, method.name);
    try {
      const done = method.failure === 'accepted' ? { accepted: true } : { success: true };
      const own = await answer(request as never);
      const head = { id, field: method.response };
      if (own === GARBAGE) send(socket, head, GARBAGE_CODEC, {});
      else send(socket, head, responseCodec(method), { ...done, ...(own as object) });
    } catch (thrown) {
      const failed = AgentError.from(thrown);
      const error = encode(AgentErrorCodec, failed.toWire());
      const response = { error: failed.toString() };
      send(socket, { id, field: method.response, error }, responseCodec(method), response);
    } finally {
      this.#open.delete(id);
    }
  }
}

/** Writes a field of a wire type that does not exist. */
const GARBAGE_CODEC: Codec<object> = {
  name: 'garbage',
  read: () => ({}),
  write: (_, writer) => void writer.uint32(0x0f),
};

function send<T>(
  socket: Socket,
  head: { readonly id: string; readonly field: number; readonly error?: Uint8Array },
  codec: Codec<T>,
  message: Init<T>,
): void {
  const frame = seal('plain', { ...head, timestamp: Date.now() }, codec, message);
  for (const part of frame.parts) socket.write(part);
}
