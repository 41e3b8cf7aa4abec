import { type BigIntStats, closeSync, constants, fstat, open, readlinkSync } from 'node:fs';
import { type FileHandle, open as openHandle } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Not among Node's constants; the same number on every architecture that Node runs on. */
const O_PATH = 0o10000000;

const openFd = promisify(open);
const fstatFd = promisify(fstat);

/**
 * What a path named at one moment, held by a descriptor. Every later step goes through the
 * descriptor (`/proc/self/fd/<n>`), so nothing that is done to the path meanwhile, such as
 * swapping a directory for a link, leads it anywhere else.
 *
 * O_PATH opens nothing: no device driver is called (a watchdog would start), no FIFO's other
 * end wakes up, nothing blocks. What is pinned can be looked at before it is opened.
 *
 * Dispose only when nothing that uses it is still under way: the number may be another
 * file's by then.
 */
export class Pin implements Disposable {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Where the kernel says that it is, links resolved. */
  get path(): string {
    return readlinkSync(this.self);
  }

  /** A path that leads to it and nowhere else. */
  get self(): string {
    return `/proc/self/fd/${this.#fd}`;
  }

  /** A path of a name in this directory. A link by that name is followed or not by who uses it. */
  entry<Name extends string | Buffer>(name: Name): Name;
  entry(name: string | Buffer): string | Buffer {
    if (typeof name === 'string') return `${this.self}/${name}`;
    return Buffer.concat([Buffer.from(`${this.self}/`), name]);
  }

  stat(): Promise<BigIntStats> {
    return fstatFd(this.#fd, { bigint: true });
  }

  /** Opens it for real, without ever waiting for a FIFO's other end or taking a terminal. */
  open(flags: number): Promise<FileHandle> {
    return openHandle(this.self, flags | constants.O_NONBLOCK | constants.O_NOCTTY);
  }

  /** Closing an O_PATH descriptor reaches no filesystem, so it cannot block. */
  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** @param flags O_NOFOLLOW, O_DIRECTORY; by default the last component's link is followed */
export async function pin(path: string | Buffer, flags = 0): Promise<Pin> {
  return new Pin(await openFd(path, O_PATH | flags));
}

export function pinDirectory(path: string | Buffer, flags = 0): Promise<Pin> {
  return pin(path, constants.O_DIRECTORY | flags);
}
