import { connect, type Socket } from 'node:net';
import { type Envelope, openEnvelope } from '@limiquantix/agent-proto/codec';
import { FrameDecoder, type FrameFault } from '@limiquantix/agent-proto/frame';
import { Allowance } from './allowance.ts';
import type { Logger } from './log.ts';
import { Outbox } from './outbox.ts';
import { VsockHandshake } from './vsock-handshake.ts';

export interface ConnectionOptions {
  readonly path: string;
  readonly vsockPort: number | undefined;
  readonly maxMessageBytes: number;
  readonly log: Logger | undefined;
  readonly onOpen: () => void;
  /** @returns whether the message was asked for */
  readonly onMessage: (envelope: Envelope) => boolean;
  /** A message was not taken whose id could be read. */
  readonly onRefused: (id: string, fault: FrameFault) => void;
  /** Called once, at the end; without an error where the other end closed. */
  readonly onClosed: (error: NodeJS.ErrnoException | undefined) => void;
}

/**
 * What every connection of the process reads into, one after the other: a buffer for each read
 * would be 64 KiB for a message of a hundred bytes, and thousands of VMs send such messages.
 * The decoder takes its own copy.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);
/** How often a frame that does not come to its end is looked at. */
const PARTIAL_CHECK_MS = 1000;
/** What a message that nobody asked for costs a guest besides its length: small ones take time too. */
const UNASKED_MESSAGE_BYTES = 2048;
/** How long the guest has to take what is written last. */
const END_MS = 100;
/** A guest must not fill the host's log either. */
const FAULTS_LOGGED = 10;

/** One socket, from connecting to closed. */
export class Connection {
  readonly outbox: Outbox;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #decoder: FrameDecoder;
  readonly #allowance: Allowance;
  /** Until the other end of a vsock accepts. */
  #handshake: VsockHandshake | undefined;
  #partialTimer: NodeJS.Timeout | undefined;
  #pauseTimer: NodeJS.Timeout | undefined;
  #endTimer: NodeJS.Timeout | undefined;
  #error: NodeJS.ErrnoException | undefined;
  #faults = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    // An answer of the greatest size is unasked until its last byte is there.
    this.#allowance = new Allowance(2 * options.maxMessageBytes);
    this.#decoder = new FrameDecoder({
      maxBytes: options.maxMessageBytes,
      onFrame: (message) => this.#take(message),
      onFault: (fault) => {
        this.#fault(describeFault(fault));
        if (fault.id !== undefined) options.onRefused(fault.id, fault);
      },
    });
    this.#socket = connect({
      path: options.path,
      onread: { buffer: READ_BUFFER, callback: (bytes) => this.#read(bytes) },
    });
    this.outbox = new Outbox(this.#socket);
    const { vsockPort } = options;
    this.#handshake = vsockPort === undefined ? undefined : new VsockHandshake(vsockPort);
    this.#socket
      .on('connect', () => {
        if (this.#handshake) this.#socket.write(this.#handshake.request);
        else options.onOpen();
      })
      .on('end', () => this.#socket.destroy())
      .on('error', (error) => {
        this.#error = error;
      })
      .on('close', () => this.#closed());
  }

  /** `onClosed` is called when it is done. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** The same, once what is urgent has left; a guest that does not read it is not waited for. */
  end(): void {
    this.outbox.end();
    this.#endTimer = setTimeout(() => this.#socket.destroy(), END_MS);
  }

  /** @returns whether to go on reading */
  #read(bytes: number): boolean {
    this.#allowance.spend(bytes);
    const chunk = READ_BUFFER.subarray(0, bytes);
    const own = this.#handshake ? this.#open(this.#handshake, chunk) : chunk;
    if (own) this.#decoder.push(own);
    if (this.#socket.destroyed) return false;
    this.#pauseInDebt();
    this.#watchPartial();
    return this.#pauseTimer === undefined;
  }

  /** @returns what is the agent's of what came */
  #open(handshake: VsockHandshake, chunk: Uint8Array): Uint8Array | undefined {
    try {
      const own = handshake.push(chunk);
      if (!own) return undefined;
      this.#handshake = undefined;
      this.#options.onOpen();
      return own;
    } catch (error) {
      this.#socket.destroy(error as Error);
      return undefined;
    }
  }

  /** @returns false where it is no message */
  #take(message: Uint8Array): boolean {
    let envelope: Envelope | undefined;
    try {
      envelope = openEnvelope(message);
      if (this.#options.onMessage(envelope)) {
        this.#allowance.giveBack(message.length);
        return true;
      }
    } catch (error) {
      this.#fault(`sent a message that does not decode: ${(error as Error).message}`);
    }
    this.#allowance.spend(UNASKED_MESSAGE_BYTES);
    return envelope !== undefined;
  }

  #pauseInDebt(): void {
    const ms = this.#allowance.debtMs;
    if (ms === 0 || this.#pauseTimer) return;
    this.#fault(`sends more than it was asked for, not read for ${ms} ms`);
    this.#socket.pause();
    this.#pauseTimer = setTimeout(() => {
      this.#pauseTimer = undefined;
      this.#socket.resume();
    }, ms);
  }

  /** There is a timer only while a frame is incomplete: most connections are idle. */
  #watchPartial(): void {
    if (!this.#decoder.partial || this.#partialTimer) return;
    this.#partialTimer = setTimeout(() => {
      this.#partialTimer = undefined;
      this.#decoder.expire();
      this.#watchPartial();
    }, PARTIAL_CHECK_MS).unref();
  }

  #fault(what: string): void {
    if (++this.#faults > FAULTS_LOGGED) return;
    const last = this.#faults === FAULTS_LOGGED ? '; no more is logged of this connection' : '';
    this.#options.log?.warn(`the agent ${what}${last}`, { path: this.#options.path });
  }

  #closed(): void {
    clearTimeout(this.#partialTimer);
    clearTimeout(this.#pauseTimer);
    clearTimeout(this.#endTimer);
    this.#options.onClosed(this.#error ?? this.#handshake?.refused());
  }
}

function describeFault(fault: FrameFault): string {
  switch (fault.kind) {
    case 'empty':
      return 'sent an empty frame';
    case 'too-large':
      return `sent a frame of ${fault.length} bytes, which is too long and skipped`;
    case 'lost':
      return 'sent bytes that are no frame';
  }
}
