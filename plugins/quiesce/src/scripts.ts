import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@limiquantix/plugin-sdk';
import { runTool } from '@limiquantix/plugin-sdk/guest';
import { cancelled, scriptFailed } from './errors.ts';

export interface ScriptsOptions {
  /** Empty: none. */
  readonly preFreezeDir: string;
  readonly postThawDir: string;
  /** For each script. */
  readonly timeoutMs: number;
  readonly log: Logger;
}

export interface PostThaw {
  /** Scripts that an agent before this one has started already. */
  readonly done: readonly string[];
  /** Before each one: what is done then. */
  readonly onStart: (done: readonly string[]) => void;
  /** No further one is started then. */
  readonly signal: AbortSignal;
}

const MAX_OUTPUT_BYTES = 64 * 1024;
const MAX_LOGGED_CHARS = 4096;
const MAX_ANSWERED_CHARS = 1024;

/** What the guest's applications do before and after a snapshot. */
export class Scripts {
  readonly #options: ScriptsOptions;

  constructor(options: ScriptsOptions) {
    this.#options = options;
  }

  /** @throws AgentError QUIESCE_FAILED at the first one that fails */
  async preFreeze(signal: AbortSignal): Promise<void> {
    const { preFreezeDir } = this.#options;
    for (const name of await this.#find(preFreezeDir)) {
      const { problem, output } = await this.#run(preFreezeDir, name, 'freeze', signal);
      if (signal.aborted) throw cancelled();
      if (problem) throw scriptFailed(name, problem, output.slice(-MAX_ANSWERED_CHARS));
    }
  }

  /**
   * All of them, whatever becomes of one: in reverse order, as what was stopped last is
   * needed first.
   * @returns whether it came to the end
   */
  async postThaw({ done, onStart, signal }: PostThaw): Promise<boolean> {
    const { postThawDir } = this.#options;
    const started = new Set(done);
    for (const name of (await this.#find(postThawDir)).reverse()) {
      if (signal.aborted) return false;
      if (started.has(name)) continue;
      started.add(name);
      onStart([...started]);
      await this.#run(postThawDir, name, 'thaw');
    }
    return true;
  }

  async #run(
    dir: string,
    name: string,
    argument: 'freeze' | 'thaw',
    signal?: AbortSignal,
  ): Promise<{ readonly problem: string | undefined; readonly output: string }> {
    const { timeoutMs, log } = this.#options;
    let problem: string | undefined;
    let output = '';
    try {
      const result = await runTool(join(dir, name), [argument], {
        timeoutMs,
        signal,
        maxOutputBytes: MAX_OUTPUT_BYTES,
      });
      output = (result.stdout + result.stderr).trim();
      if (result.timedOut) problem = `did not end within ${timeoutMs / 1000} s`;
      else if (result.signal) problem = `was killed by ${result.signal}`;
      else if (result.exitCode !== 0) problem = `ended with exit code ${result.exitCode}`;
    } catch (thrown) {
      problem = `could not be run: ${(thrown as Error).message}`;
    }
    const fields = { script: join(dir, name), output: output.slice(-MAX_LOGGED_CHARS) };
    if (problem) log.error(`script ${argument}: it ${problem}`, fields);
    else log.info(`script ${argument}: done`, fields);
    return { problem, output };
  }

  /** Names in order. Root runs them, so nobody else may be able to change them. */
  async #find(dir: string): Promise<string[]> {
    if (dir === '' || !(await this.#trusted(dir, 'directory'))) return [];
    const found: string[] = [];
    for (const name of (await readdir(dir)).sort()) {
      if (await this.#trusted(join(dir, name), 'script')) found.push(name);
    }
    return found;
  }

  async #trusted(path: string, kind: 'directory' | 'script'): Promise<boolean> {
    const problem = await distrust(path, kind);
    if (problem) this.#options.log.warn(`${kind} left out: it ${problem}`, { path });
    return problem === '';
  }
}

/** @returns empty: it may be used; undefined: it is not there */
async function distrust(path: string, kind: 'directory' | 'script'): Promise<string | undefined> {
  // A link could be led elsewhere by whoever owns what is on its way.
  const stats = await lstat(path).catch(() => undefined);
  if (!stats) return undefined;
  const right = kind === 'directory' ? stats.isDirectory() : stats.isFile();
  if (!right) return kind === 'directory' ? 'is not a directory' : 'is not a regular file';
  if (stats.uid !== 0) return 'does not belong to root';
  if ((stats.mode & 0o022) !== 0) return 'is writable by others than root';
  if (kind === 'script' && (stats.mode & 0o100) === 0) return 'is not executable';
  return '';
}
