import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '@limiquantix/plugin-sdk';
import { withPrivateDirectory } from './private-directory.ts';

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
 * has no call for a pipe, so named ones are made in batches and lose their names at once:
 * nothing of them is left behind, whatever becomes of the agent.
 */
export class PipePool {
  readonly #log: Logger;
  /** Each keeps one pipe alive. */
  readonly #spare: number[] = [];
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
    if (spare === undefined) return undefined;
    try {
      return reopen(spare);
    } finally {
      closeSync(spare);
    }
  }

  async close(): Promise<void> {
    await this.#refilling;
    for (const spare of this.#spare.splice(0)) closeSync(spare);
  }

  async #refill(): Promise<void> {
    try {
      await withPrivateDirectory(async (directory) => {
        for (const path of await makeNamedPipes(directory)) {
          this.#spare.push(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
        }
      });
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
}

/** Two descriptors of their own, so that each end can be closed and can block by itself. */
function reopen(spare: number): Pipe {
  const path = `/proc/self/fd/${spare}`;
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { readEnd, writeEnd: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) };
  } catch (thrown) {
    closeSync(readEnd);
    throw thrown;
  }
}

async function makeNamedPipes(directory: string): Promise<string[]> {
  const paths = Array.from({ length: BATCH }, (_, index) => join(directory, String(index)));
  // Open to all, so that a command of another user may open its own by /dev/stdout; nobody
  // else gets there, the directory being the agent's alone.
  await promisify(execFile)('/usr/bin/mkfifo', ['-m', '666', ...paths], {
    cwd: '/',
    env: {},
    timeout: 5000,
  });
  return paths;
}
