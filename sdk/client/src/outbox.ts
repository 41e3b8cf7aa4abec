import type { Socket } from 'node:net';
import type { SealedFrame } from '@limiquantix/agent-proto/codec';

/** About what the socket is given at a time: so much can be ahead of a frame that is urgent. */
const BATCH_BYTES = 512 * 1024;

/**
 * Frames on their way into a socket. The next batch is handed over when the last one has
 * left the process, so that small frames overtake the bulk ones that wait here, and a call
 * that is given up while the guest reads nothing is never sent.
 */
export class Outbox {
  readonly #socket: Socket;
  /** By message id, in order. */
  readonly #urgent = new Map<string, SealedFrame>();
  readonly #bulk = new Map<string, SealedFrame>();
  /** The next batch will be written without anybody asking for it. */
  #underWay = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(id: string, frame: SealedFrame, bulk: boolean): void {
    (bulk ? this.#bulk : this.#urgent).set(id, frame);
    if (this.#underWay) return;
    this.#underWay = true;
    // Frames of one tick go out together.
    process.nextTick(this.#write);
  }

  /** @returns false where the frame has left already */
  withdraw(id: string): boolean {
    return this.#urgent.delete(id) || this.#bulk.delete(id);
  }

  readonly #write = (): void => {
    const parts = this.#take();
    const last = parts.pop();
    this.#underWay = last !== undefined && !this.#socket.destroyed;
    if (last === undefined || !this.#underWay) return;
    if (parts.length > 0) this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.write(last, this.#write);
    if (parts.length > 0) this.#socket.uncork();
  };

  #take(): Uint8Array[] {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (const queue of [this.#urgent, this.#bulk]) {
      for (const [id, frame] of queue) {
        if (bytes >= BATCH_BYTES) return parts;
        bytes += frame.bytes;
        queue.delete(id);
        parts.push(...frame.parts);
      }
    }
    return parts;
  }
}
