import { close, closeSync, constants, fstatSync, open } from 'node:fs';
import { promisify } from 'node:util';
import { AgentError } from '@limiquantix/agent-proto';
import type { Channel, ChannelEvents } from './channel.ts';
import { adoptDescriptor, type DescriptorHandle } from './descriptor-handle.ts';
import { hostOf } from './port-host.ts';
import { PortStream } from './port-stream.ts';

/** How often a host is looked for while there is none; what it sends meanwhile is kept. */
const ABSENT_MS = 100;

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
  requireDevice(fd, path);
  return new VirtioSerial(path, adoptDescriptor(fd), fd, events);
}

class VirtioSerial implements Channel {
  readonly name: string;
  readonly #handle: DescriptorHandle;
  readonly #fd: number;
  readonly #events: ChannelEvents;
  #stream: PortStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(path: string, handle: DescriptorHandle, fd: number, events: ChannelEvents) {
    this.name = path;
    this.#handle = handle;
    this.#fd = fd;
    this.#events = events;
    // Not before whoever opened it has it.
    this.#timer = setTimeout(() => this.#lookForHost(), 0);
  }

  /** While none is connected the event loop would be told so again and again. */
  #lookForHost(): void {
    if (this.#closed) return;
    try {
      const found = hostOf(this.#fd);
      if (found === 'absent') this.#timer = setTimeout(() => this.#lookForHost(), ABSENT_MS);
      else this.#serve(found === 'silent' ? undefined : found);
    } catch (error) {
      this.#lost(error as Error);
    }
  }

  /** One stream is one host, as far as the guest can tell. */
  #serve(first: Buffer | undefined): void {
    const stream = new PortStream(this.#fd, this.#handle, first);
    this.#stream = stream;
    stream.once('left', () => {
      this.#stream = undefined;
      this.#timer = setTimeout(() => this.#lookForHost(), ABSENT_MS);
    });
    stream.once('error', (error) => this.#lost(error));
    // A session that gives up on its host must not close the device.
    stream.once('close', () => {
      if (this.#stream === stream) this.#lost(new Error('stream closed'));
    });
    this.#events.onPeer(stream);
  }

  #lost(error: Error): void {
    clearTimeout(this.#timer);
    this.#stream = undefined;
    if (!this.#closed) this.#events.onLost(error);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#stream?.destroy();
    await new Promise<void>((resolve) => this.#handle.close(resolve)).catch(() => {
      close(this.#fd);
    });
  }
}

/** The greeting would overwrite a file, and libuv aborts the process that polls one. */
function requireDevice(fd: number, path: string): void {
  if (fstatSync(fd).isCharacterDevice()) return;
  closeSync(fd);
  throw new AgentError('DEVICE_OPEN_FAILED', {
    detail: `${path} is no character device`,
    resolution: 'Give the path of a virtio-serial port, or unix:/path to listen on a socket',
  });
}

function cannotOpen(path: string, cause: NodeJS.ErrnoException): AgentError {
  const detail = `${path}: ${cause.message}`;
  if (cause.code === 'ENOENT') return new AgentError('DEVICE_NOT_FOUND', { detail, cause });
  if (cause.code === 'EBUSY') return new AgentError('DEVICE_BUSY', { detail, cause });
  return new AgentError('DEVICE_OPEN_FAILED', { detail, cause });
}
