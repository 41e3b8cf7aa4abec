import type { Socket } from 'node:net';
import type { SealedFrame } from '@limiquantix/agent-proto/codec';

/** About what the socket is given at a time: so much can be ahead of a frame that is urgent. */
const BATCH_BYTES = 512 * 1024;

/**
 * Frames on their way into a socket. What it does not take at once waits here until it
 * asks for more, so that small frames overtake the bulk ones, and a call that is given up
 * while the guest reads nothing is never sent.
 */
export class Outbox {
  readonly #socket: Socket;
  /** By message id, in order. */
  readonly #urgent = new Map<string, SealedFrame>();
  readonly #bulk = new Map<string, SealedFrame>();
  /** What this tick brings will be written at its end. */
  #due = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', this.#write);
  }

  send(id: string, frame: SealedFrame, bulk: boolean): void {
    (bulk ? this.#bulk : this.#urgent).set(id, frame);
    if (this.#due || this.#socket.writableNeedDrain) return;
    this.#due = true;
    // Frames of one tick go out together.
    process.nextTick(this.#write);
  }

  /** @returns false where the frame has left already */
  withdraw(id: string): boolean {
    return this.#urgent.delete(id) || this.#bulk.delete(id);
  }

  /** The socket closes once it has taken what is urgent, however much of that there is. */
  end(): void {
    for (const frame of this.#urgent.values()) {
      for (const part of frame.parts) this.#socket.write(part);
    }
    this.#urgent.clear();
    this.#bulk.clear();
    this.#socket.destroySoon();
  }

  readonly #write = (): void => {
    this.#due = false;
    while (!this.#socket.writableNeedDrain && !this.#socket.destroyed) {
      const parts = this.#take();
      if (parts.length === 0) return;
      if (parts.length > 1) this.#socket.cork();
      for (const part of parts) this.#socket.write(part);
      if (parts.length > 1) this.#socket.uncork();
    }
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
