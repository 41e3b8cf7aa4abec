import { closeSync } from 'node:fs';
import { setImmediate as nextPoll } from 'node:timers/promises';
import type { Captured } from '../output.ts';
import type { Child, Stdio } from './child.ts';
import { openInput } from './input-file.ts';
import { OutputPipe } from './output-pipe.ts';
import type { OpenPipe } from './pipe.ts';

export interface StreamsOptions {
  /** Empty: the command reads from /dev/null. */
  readonly stdin: Uint8Array;
  /** Of each output. */
  readonly maxOutputBytes: number;
  /** Undefined: sockets instead. */
  readonly openPipe: OpenPipe | undefined;
}

/**
 * Most commands end sooner: then their output lies in the pipes, and is taken out at once. To have
 * the event loop watch two pipes costs more than all else that a command does to the agent.
 */
const UNWATCHED_MS = 4;
/** How long the outputs of a command that has exited may stay open and silent. */
const QUIET_MS = 250;
/** And how long in all: what it left in the background may go on writing for ever. */
const DRAIN_MS = 1000;

/** The standard streams of one command. */
export class Streams {
  readonly #stdout: OutputPipe;
  readonly #stderr: OutputPipe;
  /** A descriptor; undefined: none, or no longer the agent's. */
  #stdin: number | undefined;
  #untilWatched: NodeJS.Timeout | undefined;

  private constructor(maxOutputBytes: number) {
    this.#stdout = new OutputPipe(maxOutputBytes);
    this.#stderr = new OutputPipe(maxOutputBytes);
  }

  static async open({ stdin, maxOutputBytes, openPipe }: StreamsOptions): Promise<Streams> {
    const streams = new Streams(maxOutputBytes);
    try {
      streams.#stdout.open(openPipe);
      streams.#stderr.open(openPipe);
      if (stdin.length > 0) streams.#stdin = await openInput(stdin);
      return streams;
    } catch (thrown) {
      streams.destroy();
      throw thrown;
    }
  }

  get stdio(): Stdio {
    return [this.#stdin ?? 'ignore', this.#stdout.childEnd, this.#stderr.childEnd];
  }

  /** Lets go of what the child has now, and reads from a moment later on. */
  start({ stdout, stderr }: Child): void {
    this.#closeInput();
    this.#stdout.start(stdout);
    this.#stderr.start(stderr);
    this.#untilWatched = setTimeout(() => this.watch(), UNWATCHED_MS);
  }

  /** Reads from now on at the latest. */
  watch(): void {
    clearTimeout(this.#untilWatched);
    this.#stdout.watch();
    this.#stderr.watch();
  }

  /**
   * Reads on after the command's exit until its outputs end. What it wrote before is in
   * the pipes by then, and is read even where something in the background keeps them open.
   */
  async drain(): Promise<void> {
    const [outEnded, errEnded] = [this.#stdout.take(), this.#stderr.take()];
    if (outEnded && errEnded) return;
    this.watch();
    const until = performance.now() + DRAIN_MS;
    let before: number;
    do {
      before = this.#bytesRead;
      if (await this.#endedWithin(QUIET_MS)) return;
      // The timer may be due before a late look at the pipes.
      await nextPoll();
    } while (this.#bytesRead > before && performance.now() < until);
  }

  result(): { readonly stdout: Captured; readonly stderr: Captured } {
    return { stdout: this.#stdout.collector.result(), stderr: this.#stderr.collector.result() };
  }

  /** Closes the agent's ends: whoever still writes gets SIGPIPE. */
  destroy(): void {
    clearTimeout(this.#untilWatched);
    this.#closeInput();
    this.#stdout.destroy();
    this.#stderr.destroy();
  }

  #closeInput(): void {
    if (this.#stdin !== undefined) closeSync(this.#stdin);
    this.#stdin = undefined;
  }

  get #bytesRead(): number {
    return this.#stdout.bytesRead + this.#stderr.bytesRead;
  }

  #endedWithin(ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), ms);
    Promise.all([this.#stdout.ended, this.#stderr.ended]).then(() => {
      clearTimeout(timer);
      resolve(true);
    });
    return promise;
  }
}
