import { closeSync, constants, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

/** The longest record that the kernel gives. */
const RECORD_BYTES = 8192;
/** Records after which others have their turn: about two milliseconds. */
const TURN = 500;
/** More than any kernel keeps. */
const MAX_RECORDS = 100_000;
/** To create a buffer of that size (0x101), or to show it (0x103), was answered with an error. */
const REFUSAL = /virtio_gpu.*\*ERROR\* response 0x12\w\w \(command 0x10[13]\)/;

/**
 * What the kernel logs of a mode that the card refuses. virtio-gpu takes any mode at once; where the
 * hypervisor then refuses it, the driver and the display server go on as if it were shown, and
 * the kernel's log is the only place that knows better.
 */
export class CardComplaints implements Disposable {
  readonly #kmsg: number | undefined;
  readonly #record = Buffer.allocUnsafe(RECORD_BYTES);

  private constructor(kmsg: number | undefined) {
    this.#kmsg = kmsg;
  }

  /** From now on. @param path of the kernel's log; where there is none nothing is complained of */
  static async fromNow(path: string): Promise<CardComplaints> {
    const complaints = new CardComplaints(opened(path));
    await complaints.read();
    return complaints;
  }

  /** The first one since the last call. */
  async read(): Promise<string | undefined> {
    let found: string | undefined;
    for (let count = 1; count < MAX_RECORDS; count++) {
      const record = this.#next();
      if (record === undefined) break;
      found ??= REFUSAL.exec(record)?.[0];
      if (count % TURN === 0) await setImmediate();
    }
    return found;
  }

  [Symbol.dispose](): void {
    if (this.#kmsg !== undefined) closeSync(this.#kmsg);
  }

  /** @returns undefined at the end */
  #next(): string | undefined {
    if (this.#kmsg === undefined) return undefined;
    try {
      const bytes = readSync(this.#kmsg, this.#record);
      return bytes === 0 ? undefined : this.#record.toString('latin1', 0, bytes);
    } catch (error) {
      // It was overwritten before it could be read: the next read begins behind it.
      return (error as NodeJS.ErrnoException).code === 'EPIPE' ? '' : undefined;
    }
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
