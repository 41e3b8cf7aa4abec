import type { Socket } from 'node:net';
import { openSocketWhenUp } from './connection.ts';

/** Bytes ready to be written, one buffer or several: nothing is encoded while time is taken. */
export type Request = readonly Uint8Array[];

/**
 * Takes an answer's kind, where the protocol has one, and its first bytes: all that a client
 * needs to look at, so that the server is what is measured.
 */
export type OnAnswer = (kind: number, head: Uint8Array) => void;

/** Cuts what arrives into answers. Throws where one is a failure. */
export type Scanner = (bytes: Uint8Array) => void;

/** A connection to a server that answers requests, in whatever protocol. */
export class Peer {
  onAnswer: OnAnswer = () => undefined;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // A server that is stopped while nobody asks it anything is no failure.
    socket.on('error', () => undefined);
  }

  static async connect(path: string, scanner: (onAnswer: OnAnswer) => Scanner): Promise<Peer> {
    const scan = scanner((kind, head) => peer.onAnswer(kind, head));
    const socket = await openSocketWhenUp(path, (bytes) => {
      // What answers set off leaves in one write.
      socket.cork();
      try {
        scan(bytes);
      } catch (error) {
        socket.destroy(error as Error);
      }
      socket.uncork();
    });
    const peer = new Peer(socket);
    return peer;
  }

  send(request: Request): void {
    for (const part of request) this.#socket.write(part);
  }

  /** One request and its answer. @returns the answer's first bytes */
  ask(request: Request): Promise<Uint8Array> {
    return this.#until((resolve) => {
      this.onAnswer = (_, head) => resolve(head);
      this.send(request);
    });
  }

  /** All requests, so many of them unanswered at a time. */
  exchange(requests: readonly Request[], window: number): Promise<void> {
    return this.#until((resolve) => {
      let sent = 0;
      let answered = 0;
      const next = () => {
        const request = requests[sent++];
        if (request) this.send(request);
      };
      this.onAnswer = () => {
        if (++answered === requests.length) resolve();
        else next();
      };
      this.#socket.cork();
      for (let i = 0; i < window; i++) next();
      this.#socket.uncork();
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.once('close', resolve).destroy());
  }

  /** Fails where the connection does. */
  #until<T>(begin: (resolve: (value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = () => this.#socket.off('error', fail).off('close', lost);
      const fail = (error: Error) => {
        settle();
        reject(error);
      };
      const lost = () => fail(new Error('the server closed the connection'));
      this.#socket.once('error', fail).once('close', lost);
      begin((value) => {
        settle();
        resolve(value);
      });
    });
  }
}
