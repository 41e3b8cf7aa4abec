import type { Duplex } from 'node:stream';
import type { SealedFrame } from '@limiquantix/agent-proto/codec';
import { pause } from '../until.ts';

/** What goes first when not all can go at once; lower goes first. */
export const Priority = { URGENT: 0, ANSWER: 1, BULK: 2, EVENT: 3, LATEST: 4 } as const;
export type Priority = (typeof Priority)[keyof typeof Priority];

/** What the stream holds at most: what is there can no longer be overtaken. */
const IN_FLIGHT_BYTES = 512 * 1024;
/** What waits at most. Answers may exceed it a little: each was asked for. */
const QUEUED_BYTES = 4 * 1024 * 1024;

/** Below this one buffer is faster than several, although they are copied into it. */
const JOIN_BELOW = 16 * 1024;
const NOTHING = new Uint8Array(0);
const PRIORITIES: readonly Priority[] = Object.values(Priority);

export interface OutgoingFrame extends SealedFrame {
  /** Runs once the frame was written, or will never be: its buffers are free again. */
  readonly onSent?: () => void;
}

export interface OutboxOptions {
  readonly inFlightBytes?: number;
  readonly queuedBytes?: number;
}

/**
 * What a session still has to send: bounded, by priority, one frame after the other.
 * Events are dropped, oldest first, when a host does not read; answers are not, but
 * while the outbox is {@link full} no further requests are to be taken.
 */
export class Outbox {
  readonly #stream: Duplex;
  readonly #inFlightLimit: number;
  readonly #queuedLimit: number;
  readonly #queues: OutgoingFrame[][] = [[], [], [], [], []];
  readonly #drained: (() => void)[] = [];
  #queuedBytes = 0;
  /** Of {@link #queuedBytes}, what may be dropped. */
  #eventBytes = 0;
  /** What is pushed will be written together with what follows. */
  #gathering = false;
  /** Events that no host will ever see. */
  dropped = 0;

  constructor(stream: Duplex, options: OutboxOptions = {}) {
    this.#stream = stream;
    this.#inFlightLimit = options.inFlightBytes ?? IN_FLIGHT_BYTES;
    this.#queuedLimit = options.queuedBytes ?? QUEUED_BYTES;
  }

  /** Events do not count: they give way. */
  get full(): boolean {
    return this.#queuedBytes - this.#eventBytes >= this.#queuedLimit;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Resolves once the outbox is not full. */
  roomy(): Promise<void> {
    if (!this.full) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Resolves once everything was handed to the stream and written. */
  async flushed(): Promise<void> {
    while (this.#queuedBytes > 0 || this.#stream.writableLength > 0) await pause(5);
  }

  push(frame: OutgoingFrame, priority: Priority): void {
    if (priority === Priority.LATEST) this.#drop(Priority.LATEST);
    const isEvent = priority >= Priority.EVENT;
    if (isEvent && this.#queuedBytes - this.#eventBytes + frame.bytes > this.#queuedLimit) {
      this.dropped++;
      return;
    }
    while (this.#queuedBytes + frame.bytes > this.#queuedLimit) {
      if (!this.#drop(Priority.LATEST) && !this.#drop(Priority.EVENT)) break;
    }
    (this.#queues[priority] as OutgoingFrame[]).push(frame);
    this.#count(priority, frame.bytes);
    if (this.#gathering) return;
    this.#gathering = true;
    process.nextTick(this.#flush);
  }

  /** Keeps back what {@link uncork} then writes at once: the answers to what one read brought. */
  cork(): void {
    this.#gathering = true;
  }

  uncork(): void {
    this.#flush();
  }

  /** The session ended: nothing more will be sent. */
  clear(): void {
    for (const queue of this.#queues) tellSent(queue.splice(0));
    this.#queuedBytes = 0;
    this.#eventBytes = 0;
    this.#wake();
  }

  /** Drops the oldest frame of its kind, if there is one. */
  #drop(priority: Priority): boolean {
    const oldest = this.#queues[priority]?.shift();
    if (!oldest) return false;
    this.#count(priority, -oldest.bytes);
    this.dropped++;
    return true;
  }

  #count(priority: Priority, bytes: number): void {
    this.#queuedBytes += bytes;
    if (priority >= Priority.EVENT) this.#eventBytes += bytes;
    if (!this.full) this.#wake();
  }

  #wake(): void {
    if (this.#drained.length === 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  readonly #flush = (): void => {
    this.#gathering = false;
    // What the stream takes at once leaves room for what is behind it.
    while (this.#writeSome());
  };

  /**
   * All frames of one turn of the event loop become one write, the most urgent first.
   * @returns whether there was something, and it is written
   */
  #writeSome(): boolean {
    const frames: OutgoingFrame[] = [];
    let bytes = 0;
    while (this.#stream.writableLength + bytes < this.#inFlightLimit) {
      const frame = this.#next();
      if (!frame) break;
      frames.push(frame);
      bytes += frame.bytes;
    }
    return bytes > 0 && this.#write(frames, bytes);
  }

  #next(): OutgoingFrame | undefined {
    if (this.#queuedBytes === 0) return undefined;
    for (const priority of PRIORITIES) {
      const frame = this.#queues[priority]?.shift();
      if (!frame) continue;
      this.#count(priority, -frame.bytes);
      return frame;
    }
    return undefined;
  }

  #write(frames: readonly OutgoingFrame[], bytes: number): boolean {
    const parts =
      frames.length === 1 && frames[0] ? frames[0].parts : frames.flatMap((frame) => frame.parts);
    if (bytes >= JOIN_BELOW) this.#writeParts(parts, () => this.#written(frames));
    else {
      const [first] = parts;
      this.#stream.write(first && parts.length === 1 ? first : Buffer.concat(parts));
      // Mostly it is written by now; to be called back for that would take a turn of Node's queue.
      if (this.#stream.writableLength === 0) {
        tellSent(frames);
        return true;
      }
      // Nothing at all, written behind it, tells of the rest.
      this.#stream.write(NOTHING, () => this.#written(frames));
    }
    return false;
  }

  #writeParts(parts: readonly Uint8Array[], written: () => void): void {
    this.#stream.cork();
    const last = parts.length - 1;
    for (const [index, part] of parts.entries()) {
      if (index < last) this.#stream.write(part);
      else this.#stream.write(part, written);
    }
    this.#stream.uncork();
  }

  #written(frames: readonly OutgoingFrame[]): void {
    tellSent(frames);
    this.#flush();
  }
}

function tellSent(frames: readonly OutgoingFrame[]): void {
  for (const { onSent } of frames) onSent?.();
}
