import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { cookieOf } from './authority.ts';
import { type Id, internAtom, queryExtension } from './requests.ts';
import { parseSetup, type Setup, setupLength, setupRequest } from './setup.ts';

export interface ConnectionHandlers {
  /** 32 bytes, or more of a generic one. Bit 7 of the first is set where a client sent it. */
  readonly onEvent: (event: Buffer) => void;
  readonly onEnd: () => void;
}

/** What the server answered a request with. */
interface Waiting {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

const PACKET_BYTES = 32;
const ERROR = 0;
const REPLY = 1;
const GENERIC_EVENT = 35;

/** A client's connection to an X server of this machine. */
export class XConnection {
  readonly setup: Setup;
  readonly #socket: Socket;
  readonly #handlers: ConnectionHandlers;
  readonly #maxReplyBytes: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #atoms = new Map<string, Promise<Id>>();
  #received: Buffer = Buffer.alloc(0);
  /** Of the last request: the server counts them too, with 16 bits. */
  #sequence = 0;
  #lastId = 0;

  private constructor(
    socket: Socket,
    setup: Setup,
    handlers: ConnectionHandlers,
    maxReply: number,
  ) {
    this.#socket = socket;
    this.setup = setup;
    this.#handlers = handlers;
    this.#maxReplyBytes = maxReply;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('close', () => this.#end());
  }

  /**
   * @param display `:0`
   * @param authority an Xauthority file; may be empty
   * @throws Error where the server is not there or refuses
   */
  static async open(
    display: string,
    authority: string,
    handlers: ConnectionHandlers,
    maxReplyBytes: number,
  ): Promise<XConnection> {
    const number = Number(/^:(\d+)/.exec(display)?.[1]);
    const file = authority === '' ? undefined : await readFile(authority).catch(() => undefined);
    const socket = await connected(`/tmp/.X11-unix/X${number}`);
    // Destroyed sockets say so with `close` too.
    socket.on('error', () => {});
    socket.write(setupRequest(file && cookieOf(file, number)));
    const setup = parseSetup(await setupAnswer(socket));
    return new XConnection(socket, setup, handlers, maxReplyBytes);
  }

  send(request: Buffer): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#socket.write(request);
  }

  /** For requests that have a reply. */
  ask(request: Buffer): Promise<Buffer> {
    this.send(request);
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.#waiting.set(this.#sequence, { resolve, reject });
    return promise;
  }

  /** A number for a new window. */
  newId(): Id {
    this.#lastId += 1;
    return this.setup.resourceBase + this.#lastId;
  }

  atom(name: string): Promise<Id> {
    const known = this.#atoms.get(name);
    if (known) return known;
    const asked = this.ask(internAtom(name)).then((reply) => reply.readUInt32LE(8));
    this.#atoms.set(name, asked);
    return asked;
  }

  /** @returns undefined where the server does not have it */
  async extension(name: string): Promise<{ opcode: number; firstEvent: number } | undefined> {
    const reply = await this.ask(queryExtension(name));
    if (reply[8] !== 1) return undefined;
    return { opcode: reply[9] as number, firstEvent: reply[10] as number };
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= PACKET_BYTES) {
      const length = packetLength(this.#received);
      if (length > this.#maxReplyBytes) {
        this.close();
        return;
      }
      if (this.#received.length < length) return;
      const packet = this.#received.subarray(0, length);
      this.#received = this.#received.subarray(length);
      this.#take(packet);
    }
  }

  #take(packet: Buffer): void {
    const kind = packet[0] as number;
    if (kind !== ERROR && kind !== REPLY) {
      this.#handlers.onEvent(packet);
      return;
    }
    const sequence = packet.readUInt16LE(2);
    const waiting = this.#waiting.get(sequence);
    this.#waiting.delete(sequence);
    // An error that nobody waits for: a window that was written to is gone.
    if (kind === REPLY) waiting?.resolve(packet);
    else waiting?.reject(new Error(`the X server answers with error ${packet[1]}`));
  }

  #end(): void {
    for (const { reject } of this.#waiting.values()) {
      reject(new Error('the connection to the X server ended'));
    }
    this.#waiting.clear();
    this.#handlers.onEnd();
  }
}

function packetLength(packet: Buffer): number {
  const hasMore = packet[0] === REPLY || ((packet[0] as number) & 0x7f) === GENERIC_EVENT;
  return hasMore ? PACKET_BYTES + 4 * packet.readUInt32LE(4) : PACKET_BYTES;
}

/** The same server listens on a name that has no file, which no private /tmp hides. */
async function connected(path: string): Promise<Socket> {
  return attempt(path).catch(() => attempt(`\0${path}`));
}

function attempt(path: string): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(path);
  socket.once('error', reject);
  socket.once('connect', () => {
    socket.off('error', reject);
    resolve(socket);
  });
  return promise;
}

function setupAnswer(socket: Socket): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let received: Buffer = Buffer.alloc(0);
  function take(chunk: Buffer): void {
    received = Buffer.concat([received, chunk]);
    if (received.length < 8 || received.length < setupLength(received)) return;
    socket.off('data', take);
    socket.off('close', ended);
    resolve(received);
  }
  function ended(): void {
    reject(new Error('the X server closed the connection'));
  }
  socket.on('data', take);
  socket.once('close', ended);
  return promise;
}
