import { libc } from '@limiquantix/plugin-sdk/guest';
import type { Exit } from './child.ts';

const WNOHANG = 1;
/** Somebody else in this process waited for it. */
const UNKNOWN: Exit = { exitCode: -1, signal: 0 };

/**
 * Waits for children that Node did not start and so does not wait for. Each is asked for by
 * its own number: Node's are left to Node.
 */
export class Exits {
  readonly #waitpid: (pid: number, status: Int32Array, options: number) => number;
  readonly #awaited = new Map<number, (exit: Exit) => void>();
  #closing = false;
  readonly #reap = (): void => this.#reapAll();

  /** From now on no child's end is missed. @throws where C functions cannot be called */
  constructor() {
    this.#waitpid = libc().func('int waitpid(int pid, void *status, int options)');
    process.on('SIGCHLD', this.#reap);
  }

  of(pid: number): Promise<Exit> {
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.#awaited.set(pid, resolve);
    return promise;
  }

  /** Those that still run are waited for all the same. */
  close(): void {
    this.#closing = true;
    this.#offWhenDone();
  }

  #reapAll(): void {
    const status = new Int32Array(1);
    for (const [pid, resolve] of this.#awaited) {
      const ended = this.#waitpid(pid, status, WNOHANG);
      if (ended === 0) continue;
      this.#awaited.delete(pid);
      resolve(ended === pid ? exitOf(status[0] as number) : UNKNOWN);
    }
    this.#offWhenDone();
  }

  #offWhenDone(): void {
    if (this.#closing && this.#awaited.size === 0) process.off('SIGCHLD', this.#reap);
  }
}

/** As the macros of wait(2) read it. */
function exitOf(status: number): Exit {
  const signal = status & 0x7f;
  return { exitCode: signal === 0 ? (status >> 8) & 0xff : -1, signal };
}
