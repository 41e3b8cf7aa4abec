import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import {
  type AnyMethod,
  type ErrorEvent,
  ErrorReport,
  EVENTS,
  type Init,
  type Method,
  Ping,
} from '@limiquantix/agent-proto';
import {
  decode,
  type Envelope,
  eventCodec,
  openEnvelope,
  requestCodec,
  responseCodec,
  seal,
} from '@limiquantix/agent-proto/codec';
import { type Dialect, FrameDecoder, type FrameFault } from '@limiquantix/agent-proto/frame';

export interface Received extends Envelope {
  readonly dialect: Dialect;
}

const EXPIRE_MS = 250;

/** A host that may send anything, and sees every frame that comes back. */
export class RawHost {
  readonly socket: Socket;
  readonly received: Received[] = [];
  /** Bytes that were no frame, where they may come. */
  readonly faults: FrameFault[] = [];
  #waiting: (() => void)[] = [];

  private constructor(socket: Socket, strayBytes: boolean) {
    this.socket = socket;
    const decoder = new FrameDecoder({
      maxBytes: 16 * 1024 * 1024,
      onFrame: (message, dialect) => {
        this.received.push({ ...openEnvelope(message), dialect });
        for (const wake of this.#waiting.splice(0)) wake();
        return true;
      },
      onFault: (fault) => {
        if (!strayBytes) throw new Error(`the agent sent no frame: ${JSON.stringify(fault)}`);
        this.faults.push(fault);
      },
    });
    const expiry = setInterval(() => decoder.expire(), EXPIRE_MS);
    socket.once('close', () => clearInterval(expiry));
    socket.on('data', (chunk) => decoder.push(chunk));
    socket.on('error', () => undefined);
  }

  /** @param strayBytes whether what an earlier host left unread may come first */
  static connect(path: string, { strayBytes = false } = {}): Promise<RawHost> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new RawHost(socket, strayBytes)));
      socket.once('error', reject);
    });
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends a request. @returns its id */
  request<Req, Res>(
    method: Method<Req, Res>,
    message: Init<Req> = {},
    { id = randomUUID() as string, dialect = 'plain' as Dialect } = {},
  ): string {
    this.send(frameOf(method, message, id, dialect));
    return id;
  }

  /** The first frame, received already or yet to come, that fits. */
  async next(fits: (frame: Received) => boolean, limitMs = 5000): Promise<Received> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const found = this.received.find(fits);
      if (found) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no such frame within ${limitMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  answer(id: string, limitMs?: number): Promise<Received> {
    return this.next((frame) => frame.id === id, limitMs);
  }

  /**
   * Resolves when the agent has greeted it. Asks for that as a client does: where the guest stood
   * still from one host's leave to the next one's arrival, the agent has not seen that there were two.
   * @returns whether it was greeted unasked
   */
  async greeted(limitMs: number): Promise<boolean> {
    const ready = isEvent('agent_ready');
    const unasked = await this.next(ready, 2000).catch(() => undefined);
    if (unasked) return true;
    this.request(Ping, { greet: true });
    await this.next(ready, limitMs);
    return false;
  }

  close(): void {
    this.socket.destroy();
  }
}

export function frameOf<Req, Res>(
  method: Method<Req, Res>,
  message: Init<Req>,
  id: string,
  dialect: Dialect = 'plain',
): Buffer {
  const head = { id, field: method.request, timestamp: Date.now() };
  return Buffer.concat(seal(dialect, head, requestCodec(method), message).parts);
}

/** The payload of an answer, or of the error that came instead. */
export function errorOf(frame: Received): ErrorEvent {
  if (frame.field !== ErrorReport.field) throw new Error(`payload ${frame.field} is no error`);
  return decode(eventCodec(ErrorReport), frame.payload);
}

export function answerOf<Res>(method: Method<never, Res> | AnyMethod, frame: Received): Res {
  if (frame.field !== method.response) throw new Error(`payload ${frame.field} is no answer`);
  return decode(responseCodec(method), frame.payload) as Res;
}

export function isEvent(name: string): (frame: Received) => boolean {
  const field = EVENTS.find((event) => event.name === name)?.field;
  return (frame) => frame.field === field;
}
