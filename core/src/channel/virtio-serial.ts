import { close, constants, open } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { AgentError } from '@limiquantix/agent-proto';
import type { Channel, ChannelEvents } from './channel.ts';
import { adoptDescriptor, type DescriptorHandle } from './descriptor-handle.ts';

/** A read returns at once while no host is there, so this paces the waiting for one. */
const ABSENT_MS = 50;

/**
 * Opens a character device that a host may or may not have connected to, and keeps the
 * one descriptor for ever: closing it would lose what the next host sends first.
 * @throws AgentError DEVICE_NOT_FOUND, DEVICE_BUSY (another program has it) or
 *   DEVICE_OPEN_FAILED
 */
export async function openVirtioSerial(path: string, events: ChannelEvents): Promise<Channel> {
  const { O_RDWR, O_NONBLOCK, O_NOCTTY } = constants;
  const fd = await promisify(open)(path, O_RDWR | O_NONBLOCK | O_NOCTTY).catch((error) => {
    throw cannotOpen(path, error);
  });
  return new VirtioSerial(path, adoptDescriptor(fd), fd, events);
}

class VirtioSerial implements Channel {
  readonly name: string;
  readonly #handle: DescriptorHandle;
  readonly #fd: number;
  readonly #events: ChannelEvents;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(path: string, handle: DescriptorHandle, fd: number, events: ChannelEvents) {
    this.name = path;
    this.#handle = handle;
    this.#fd = fd;
    this.#events = events;
    this.#wrap();
  }

  /**
   * One wrap is one host, as far as the guest can tell: the device says "end" while none
   * is connected. A host is there once a read has been waiting for a while, or has data.
   */
  #wrap(): void {
    if (this.#closed) return;
    const socket = new Socket({ handle: this.#handle, allowHalfOpen: true } as object);
    this.#socket = socket;
    let announced = false;
    const announce = () => {
      if (announced || this.#socket !== socket) return;
      announced = true;
      clearTimeout(this.#timer);
      socket.off('readable', announce);
      this.#events.onPeer(socket);
    };
    // On a busy guest the time may be over before the first look at the device: look, then say so.
    this.#timer = setTimeout(() => setImmediate(announce), ABSENT_MS);
    socket.once('readable', () => {
      // 'readable' also comes with the end: then there is nothing to read.
      if (socket.readableLength > 0) announce();
      else socket.read(0);
    });
    socket.once('end', () => {
      this.#release(socket);
      this.#timer = setTimeout(() => this.#wrap(), ABSENT_MS);
    });
    socket.on('error', (error) => {
      this.#release(socket);
      if (!this.#closed) this.#events.onLost(error);
    });
    // A session that gives up on its host must not close the device.
    socket.once('close', () => {
      if (this.#socket === socket && !this.#closed) this.#events.onLost(new Error('stream closed'));
    });
  }

  /** Takes the handle off a stream that ended, so that the next one can have it. */
  #release(socket: Socket): void {
    clearTimeout(this.#timer);
    this.#socket = undefined;
    (socket as unknown as { _handle: unknown })._handle = null;
    socket.destroy();
    this.#handle.reading = false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#socket) this.#release(this.#socket);
    await new Promise<void>((resolve) => this.#handle.close(resolve)).catch(() => {
      close(this.#fd);
    });
  }
}

function cannotOpen(path: string, cause: NodeJS.ErrnoException): AgentError {
  const detail = `${path}: ${cause.message}`;
  if (cause.code === 'ENOENT') return new AgentError('DEVICE_NOT_FOUND', { detail, cause });
  if (cause.code === 'EBUSY') return new AgentError('DEVICE_BUSY', { detail, cause });
  return new AgentError('DEVICE_OPEN_FAILED', { detail, cause });
}
