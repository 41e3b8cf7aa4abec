import { setTimeout as pause } from 'node:timers/promises';
import type { AgentError, FrozenFilesystem, Init, Logger } from '@limiquantix/plugin-sdk';
import {
  cancelled,
  frozenByOthers,
  notAmongFrozen,
  notFrozen,
  notFrozenInTime,
  notThawed,
} from './errors.ts';
import { type Freezing, freeze, thaw } from './linux/fsfreeze.ts';
import { Guard } from './linux/guard.ts';
import type { Pinned } from './linux/pinned.ts';
import { withoutTrailingSlash } from './linux/selection.ts';

export interface FreezeOptions {
  /** In the order in which they are to be frozen. */
  readonly filesystems: readonly Pinned[];
  /** After this they are thawed, whatever became of the agent. */
  readonly seconds: number;
  /** In the environment of every process that may freeze or thaw them. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: Logger;
}

/** How often a filesystem is tried again that the kernel does not thaw. */
const RETRY_MS = 5000;

/** A filesystem that lies in a file of a frozen one is not thawed before that one is. */
const PARTIAL_THAW_LIMIT_MS = 2000;

/**
 * One freeze, from before its first filesystem is frozen until none is any more. It has a
 * guard of its own, so no timer of it can reach a later one.
 */
export class Freeze {
  /** Resolves when nothing of it is frozen any more. */
  readonly over: Promise<void>;
  readonly #options: FreezeOptions;
  readonly #guard: Guard;
  /** Places of filesystems that are or may be frozen. */
  readonly #held = new Set<number>();
  readonly #attempts = new Map<number, Promise<Freezing>>();
  readonly #rows: Init<FrozenFilesystem>[] = [];
  readonly #thawed: string[] = [];
  readonly #refused = Promise.withResolvers<void>();
  #refusal: AgentError | undefined;
  #frozenAt: number | undefined;
  #thawedAt: number | undefined;

  private constructor(options: FreezeOptions, guard: Guard) {
    this.#options = options;
    this.#guard = guard;
    guard.onThawed((index) => this.#released(index));
    this.over = guard.ended.then(() => this.#thawRest());
  }

  /** @throws AgentError QUIESCE_FAILED where the guard cannot be started */
  static async begin(options: FreezeOptions): Promise<Freeze> {
    return new Freeze(options, await Guard.start(options));
  }

  /** Every filesystem, frozen or left out, with the reason. */
  get rows(): readonly Init<FrozenFilesystem>[] {
    return this.#rows;
  }

  /** Mount points that were thawed. */
  get thawed(): readonly string[] {
    return this.#thawed;
  }

  /** Whether it ended before anybody asked for it: the time was over, or the guard was killed. */
  get expired(): boolean {
    return !this.#guard.asked;
  }

  /** From the last filesystem frozen to the first one thawed: as long as all of them stood still. */
  get durationMs(): number {
    if (this.#frozenAt === undefined) return 0;
    return Math.round((this.#thawedAt ?? performance.now()) - this.#frozenAt);
  }

  /**
   * Freezes one after the other, then starts the time limit. What is frozen when it throws is
   * still to be thawed.
   * @throws AgentError QUIESCE_FAILED
   */
  async freezeAll(signal: AbortSignal): Promise<void> {
    for (const index of this.#options.filesystems.keys()) await this.#freezeOne(index, signal);
    await this.#guard.complete();
    if (signal.aborted) throw cancelled();
  }

  /**
   * Thaws everything.
   * @throws AgentError THAW_FAILED where the kernel refuses; the agent goes on trying
   */
  async thaw(): Promise<void> {
    this.#guard.thaw();
    await Promise.race([this.over, this.#refused.promise]);
    if (this.#refusal && this.#held.size > 0) throw this.#refusal;
  }

  /**
   * Thaws some; with the last one the freeze is over.
   * @returns whether it is
   * @throws AgentError THAW_FAILED
   */
  async thawSome(mountPoints: readonly string[]): Promise<boolean> {
    const indexes = [...new Set(mountPoints.map((path) => this.#placeOf(path)))];
    if (indexes.length === this.#held.size) {
      await this.thaw();
      return true;
    }
    const late = pause(PARTIAL_THAW_LIMIT_MS, 'does it lie in a file of one that is frozen?', {
      ref: false,
    });
    const errors = await Promise.all(
      indexes.map((index) => Promise.race([this.#thawOne(index), late])),
    );
    const left = indexes.filter((index) => this.#held.has(index));
    if (left.length > 0) throw this.#notThawed(left, errors.find(Boolean));
    if (this.#held.size > 0) return false;
    await this.thaw();
    return true;
  }

  async #freezeOne(index: number, signal: AbortSignal): Promise<void> {
    const { mountPoint, device, filesystem } = this.#at(index).mount;
    if (signal.aborted) throw cancelled();
    this.#held.add(index);
    this.#guard.watch(this.#held);
    const { env, seconds } = this.#options;
    const attempt = freeze(this.#at(index), { held: this.#guard.held, env });
    this.#attempts.set(index, attempt);
    const result = await Promise.race([attempt, this.#guard.thawing, aborted(signal)]);
    if (!result) throw signal.aborted ? cancelled() : notFrozenInTime(mountPoint, seconds);
    const { outcome, error } = result;
    this.#rows.push({ mountPoint, device, filesystem, frozen: outcome === 'frozen', error });
    if (outcome === 'frozen') this.#frozenAt = performance.now();
    if (outcome === 'unsupported' || outcome === 'busy') {
      this.#held.delete(index);
      this.#guard.watch(this.#held);
    }
    if (outcome === 'busy') throw frozenByOthers(mountPoint);
    if (outcome === 'failed') throw notFrozen(mountPoint, error);
  }

  /** @returns why not; undefined where it is thawed */
  async #thawOne(index: number): Promise<string | undefined> {
    // Before that the kernel would say that it is not frozen, and freeze it then.
    await this.#attempts.get(index)?.catch(() => undefined);
    const { outcome, error } = await thaw(this.#at(index));
    if (outcome === 'failed') return error;
    this.#released(index);
    return undefined;
  }

  #released(index: number): void {
    if (!this.#held.delete(index)) return;
    this.#thawedAt ??= performance.now();
    this.#thawed.push(this.#at(index).mount.mountPoint);
    this.#guard.watch(this.#held);
  }

  /** For what the guard could not thaw, has found thawed, or has not come to. */
  async #thawRest(): Promise<void> {
    while (this.#held.size > 0) {
      const left = [...this.#held];
      const errors = await Promise.all(left.map((index) => this.#thawOne(index)));
      if (this.#held.size === 0) return;
      this.#refusal = this.#notThawed(this.#held, errors.find(Boolean));
      this.#refused.resolve();
      this.#options.log.error(this.#refusal.toString());
      await pause(RETRY_MS);
    }
  }

  #notThawed(indexes: Iterable<number>, why = 'for no known reason'): AgentError {
    const mountPoints = [...indexes].map((index) => this.#at(index).mount.mountPoint);
    return notThawed(mountPoints, why);
  }

  #placeOf(path: string): number {
    const bare = withoutTrailingSlash(path);
    const found = [...this.#held].find((index) => this.#at(index).mount.mountPoint === bare);
    if (found === undefined) throw notAmongFrozen(path);
    return found;
  }

  #at(index: number): Pinned {
    return this.#options.filesystems[index] as Pinned;
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
