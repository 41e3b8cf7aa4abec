import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '@limiquantix/plugin-sdk';
import { makePrivateDirectory, removeLeftBehind } from './private-directory.ts';

/** Descriptors for their taker to close; neither blocks. */
export interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
}

const BATCH = 64;
const REFILL_BELOW = 24;

/**
 * Pipes for the outputs of commands. Node's own are sockets, which a command cannot open
 * by name (`echo x > /dev/stderr` fails) and which cannot be read into one buffer. Node
 * has no call for a pipe, so named ones are made in batches; each loses its name as it is
 * taken. Spare ones are names in memory alone: no descriptor is held for them.
 */
export class PipePool {
  readonly #log: Logger;
  readonly #spare: string[] = [];
  #directory: string | undefined;
  #refilling: Promise<void> | undefined;
  #warned = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Undefined where the guest does not let pipes be made. */
  async take(): Promise<Pipe | undefined> {
    if (this.#spare.length < REFILL_BELOW) this.#refilling ??= this.#refill();
    if (this.#spare.length === 0) await this.#refilling;
    const spare = this.#spare.pop();
    return spare === undefined ? undefined : openBothEnds(spare);
  }

  async close(): Promise<void> {
    await this.#refilling;
    this.#spare.length = 0;
    if (this.#directory) rmSync(this.#directory, { recursive: true, force: true });
    this.#directory = undefined;
  }

  async #refill(): Promise<void> {
    try {
      this.#directory ??= this.#makeDirectory();
      this.#spare.unshift(...(await makeNamedPipes(this.#directory)));
    } catch (cause) {
      if (!this.#warned) {
        this.#log.warn('cannot make pipes: commands get sockets, which /dev/stdout cannot open', {
          cause,
        });
      }
      this.#warned = true;
    }
    this.#refilling = undefined;
  }

  #makeDirectory(): string {
    removeLeftBehind();
    return makePrivateDirectory();
  }
}

/** Opens a pipe that nobody else ever will: it has no name any more afterwards. */
function openBothEnds(path: string): Pipe {
  try {
    const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return { readEnd, writeEnd: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) };
    } catch (thrown) {
      closeSync(readEnd);
      throw thrown;
    }
  } finally {
    unlinkSync(path);
  }
}

let made = 0;

async function makeNamedPipes(directory: string): Promise<string[]> {
  const paths = Array.from({ length: BATCH }, () => join(directory, String(made++)));
  // Open to all, so that a command of another user may open its own by /dev/stdout; nobody
  // else gets there, the directory being the agent's alone.
  await promisify(execFile)('/usr/bin/mkfifo', ['-m', '666', ...paths], {
    cwd: '/',
    env: {},
    timeout: 5000,
  });
  return paths;
}
