// An agent that does what a test tells it: the real codecs and frames over a real unix
// socket, and nothing of the real agent behind them.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgentError,
  type AgentEvent,
  type AnyMethod,
  ErrorReport,
  type Init,
  type Method,
  methodOfRequest,
  Ping,
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
import { type Dialect, FrameDecoder, frameHeader } from '@limiquantix/agent-proto/frame';
import { onTestFinished } from 'vitest';

/** A request as it came. */
export interface Received {
  readonly id: string;
  readonly method: AnyMethod;
  // biome-ignore lint/suspicious/noExplicitAny: requests of every type in one list
  readonly request: any;
  readonly host: Host;
}

type Script = (received: Received) => void;

/** One connection of a client. */
export class Host {
  readonly socket: Socket;
  dialect: Dialect = 'plain';

  constructor(socket: Socket) {
    this.socket = socket;
  }

  answer<Res>(
    { id, method }: Pick<Received, 'id' | 'method'>,
    response: Init<Res>,
    error?: AgentError,
  ): void {
    const errorInfo = error && encode(AgentErrorCodec, error.toWire());
    this.send(id, method.response, responseCodec(method), response, errorInfo);
  }

  errorEvent(id: string, code: string, message: string, error?: AgentError): void {
    const errorInfo = error && encode(AgentErrorCodec, error.toWire());
    const event = { severity: 1, code, message, details: { field: '99' } };
    this.send(id, ErrorReport.field, eventCodec(ErrorReport), event, errorInfo);
  }

  emit<T>(event: AgentEvent<T>, message: Init<T>): void {
    this.send('event-1', event.field, eventCodec(event), message);
  }

  send<T>(id: string, field: number, codec: Codec<T>, message: Init<T>, error?: Uint8Array): void {
    const head = { id, field, timestamp: Date.now(), error };
    for (const part of seal(this.dialect, head, codec, message).parts) this.socket.write(part);
  }

  /** A message whose payload is whatever bytes. */
  sendBytes(id: string, field: number, payload: Uint8Array): void {
    const envelope = [0x0a, id.length, ...Buffer.from(id), ...varint((field << 3) | 2)];
    const message = Buffer.from([...envelope, ...varint(payload.length)]);
    this.socket.write(frameHeader(this.dialect, message.length + payload.length));
    this.socket.write(message);
    this.socket.write(payload);
  }
}

export class ScriptedAgent {
  readonly path: string;
  readonly hosts: Host[] = [];
  readonly received: Received[] = [];
  /**
   * Requests to say who it is, which are not among those: a client makes one once it was connected
   * for two seconds, and how far a test has got by then depends on the machine.
   */
  readonly introductions: Received[] = [];
  onIntroduction: Script = (received) => received.host.answer(received, {});
  readonly #scripts = new Map<AnyMethod, Script>();
  #server: Server | undefined;
  #waiting: (() => void)[] = [];

  private constructor(path: string) {
    this.path = path;
  }

  /** Listens in a folder of its own, and goes away with the test. */
  static async listen(): Promise<ScriptedAgent> {
    const folder = mkdtempSync(join(tmpdir(), 'scripted-agent-'));
    const agent = new ScriptedAgent(join(folder, 'agent.sock'));
    await agent.start();
    onTestFinished(async () => {
      await agent.stop();
      rmSync(folder, { recursive: true });
    });
    return agent;
  }

  /** What happens at a request; without a script it is only recorded. */
  on<Req, Res>(
    method: Method<Req, Res>,
    script: (received: Received & { readonly request: Req }) => void,
  ): void {
    this.#scripts.set(method, script);
  }

  /** Answers at once. */
  reply<Req, Res>(method: Method<Req, Res>, response: (request: Req) => Init<Res>): void {
    this.on(method, (received) => received.host.answer(received, response(received.request)));
  }

  get host(): Host {
    const host = this.hosts.at(-1);
    if (!host) throw new Error('no client is connected');
    return host;
  }

  /** Requests of one method. */
  requests<Req, Res>(method: Method<Req, Res>): Req[] {
    return this.received.filter((r) => r.method === method).map((r) => r.request as Req);
  }

  /** Resolves when a condition holds that only what arrives can make true. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async start(): Promise<void> {
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.path, resolve));
  }

  /** Closes its connections and removes its socket. */
  async stop(): Promise<void> {
    for (const { socket } of this.hosts.splice(0)) socket.destroy();
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  #accept(socket: Socket): void {
    const host = new Host(socket);
    this.hosts.push(host);
    const decoder = new FrameDecoder({
      maxBytes: 16 * 1024 * 1024,
      onFrame: (message, dialect) => {
        host.dialect = dialect;
        this.#receive(host, message);
        return true;
      },
      onFault: (fault) => {
        throw new Error(`the client sent ${fault.kind}`);
      },
    });
    socket.on('data', (chunk) => decoder.push(chunk));
    socket.on('error', () => undefined);
    this.#changed();
  }

  #receive(host: Host, message: Uint8Array): void {
    const { id, field, payload } = openEnvelope(message);
    const method = methodOfRequest(field);
    if (!method) throw new Error(`the client sent field ${field}`);
    const request = decode(requestCodec(method), payload);
    const received: Received = { id, method, host, request };
    if (method === Ping && received.request.greet) {
      this.introductions.push(received);
      this.onIntroduction(received);
    } else {
      this.received.push(received);
      this.#scripts.get(method)?.(received);
    }
    this.#changed();
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
