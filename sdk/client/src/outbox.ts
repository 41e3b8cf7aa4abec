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
  #writing = false;
  #scheduled = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(id: string, frame: SealedFrame, bulk: boolean): void {
    (bulk ? this.#bulk : this.#urgent).set(id, frame);
    this.#schedule();
  }

  /** @returns false where the frame has left already */
  withdraw(id: string): boolean {
    return this.#urgent.delete(id) || this.#bulk.delete(id);
  }

  /** Frames of one tick go out together. */
  #schedule(): void {
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#write();
    });
  }

  #write(): void {
    const parts = [...this.#take()];
    const last = parts.pop();
    if (last === undefined || this.#socket.destroyed) return;
    this.#writing = true;
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.write(last, () => {
      this.#writing = false;
      this.#write();
    });
    this.#socket.uncork();
  }

  *#take(): Generator<Uint8Array> {
    let bytes = 0;
    for (const queue of [this.#urgent, this.#bulk]) {
      for (const [id, frame] of queue) {
        if (bytes >= BATCH_BYTES) return;
        bytes += frame.bytes;
        queue.delete(id);
        yield* frame.parts;
      }
    }
  }
}
