import type { FileFacts } from '@limiquantix/plugin-sdk/guest';
import { openToWrite, type WriteTarget } from './linux/write-target.ts';
import { Lookups } from './lookups.ts';

/** How long an upload may take to send its next chunks before the file is closed. */
const LINGER_MS = 2;

export interface WriteTargetOptions {
  readonly createParents: boolean;
  /** Not even beside others of the same file: its descriptor has a position of its own. */
  readonly alone: boolean;
}

/**
 * Files that are being written. Chunks of one upload that are under way at the same time
 * share a descriptor, since opening and closing it cost more than writing 64 KiB; it is
 * closed before the last of them is answered. What the path names is looked up for each
 * chunk all the same: a file that was replaced is not written to any more.
 */
export class WriteTargets {
  readonly #lookups = new Lookups();
  readonly #shared = new Map<string, SharedTarget>();

  /** @throws AgentError NOT_A_FILE */
  async open(path: string, { createParents, alone }: WriteTargetOptions): Promise<WriteTarget> {
    const shared = this.#shared.get(path);
    if (!shared) return this.#openShared(path, createParents);
    return (alone ? undefined : await this.#join(path, shared)) ?? openToWrite(path, createParents);
  }

  async #openShared(path: string, createParents: boolean): Promise<WriteTarget> {
    const shared = new SharedTarget(openToWrite(path, createParents), () => {
      this.#shared.delete(path);
    });
    this.#shared.set(path, shared);
    return { ...(await shared.enter()), [Symbol.asyncDispose]: () => shared.leave() };
  }

  /** Undefined where it could not be opened, or is not what the path names by now. */
  async #join(path: string, shared: SharedTarget): Promise<WriteTarget | undefined> {
    const target = await shared.enter().catch(() => undefined);
    if (!target) return undefined;
    const existing =
      this.#lookups.now(path) ?? (await this.#lookups.of(path).catch(() => undefined));
    if (!existing || !(await shared.is(existing))) {
      await shared.leave();
      return undefined;
    }
    return {
      ...target,
      existing,
      syncName: async () => {},
      [Symbol.asyncDispose]: () => shared.leave(),
    };
  }
}

class SharedTarget {
  readonly #opening: Promise<WriteTarget>;
  readonly #onLast: () => void;
  #users = 0;
  /** It is an upload of several chunks at a time. */
  #wasShared = false;
  #onEnter: (() => void) | undefined;
  #facts: Promise<FileFacts> | undefined;

  constructor(opening: Promise<WriteTarget>, onLast: () => void) {
    this.#opening = opening;
    this.#onLast = onLast;
  }

  /** Keeps it open until the same number of calls to `leave`. */
  async enter(): Promise<WriteTarget> {
    this.#users++;
    this.#wasShared ||= this.#users > 1;
    this.#onEnter?.();
    try {
      return await this.#opening;
    } catch (error) {
      await this.leave();
      throw error;
    }
  }

  async is({ dev, ino }: FileFacts): Promise<boolean> {
    this.#facts ??= this.#opening.then(
      async ({ handle, existing }) => existing ?? (await handle.stat({ bigint: true })),
    );
    const own = await this.#facts.catch(() => undefined);
    return own?.dev === dev && own.ino === ino;
  }

  /** @throws what closing fails with: a network filesystem writes only then */
  async leave(): Promise<void> {
    if (this.#users === 1 && this.#wasShared) await this.#lingered();
    if (--this.#users > 0) return;
    this.#onLast();
    const target = await this.#opening.catch(() => undefined);
    await target?.[Symbol.asyncDispose]();
  }

  /** The last chunk waits for the next ones: its answer must not come before the file is closed. */
  #lingered(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LINGER_MS);
      this.#onEnter = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
