import { lstat, readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
    const { dir, names } = await this.#find(this.#options.preFreezeDir);
    for (const name of names) {
      const { problem, output } = await this.#run(join(dir, name), 'freeze', signal);
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
    const { dir, names } = await this.#find(this.#options.postThawDir);
    const started = new Set(done);
    for (const name of names.toReversed()) {
      if (signal.aborted) return false;
      if (started.has(name)) continue;
      started.add(name);
      onStart([...started]);
      await this.#run(join(dir, name), 'thaw');
    }
    return true;
  }

  async #run(
    script: string,
    argument: 'freeze' | 'thaw',
    signal?: AbortSignal,
  ): Promise<{ readonly problem: string | undefined; readonly output: string }> {
    const { timeoutMs, log } = this.#options;
    let problem: string | undefined;
    let output = '';
    try {
      const result = await runTool(script, [argument], {
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
    const fields = { script, output: output.slice(-MAX_LOGGED_CHARS) };
    if (problem) log.error(`script ${argument}: it ${problem}`, fields);
    else log.info(`script ${argument}: done`, fields);
    return { problem, output };
  }

  /** Names in order. Root runs them, so nobody else may be able to change them. */
  async #find(given: string): Promise<Found> {
    if (given === '' || !(await this.#trusted(given, 'directory'))) return NONE;
    const dir = await realpath(given);
    for (let path = dir; path !== '/'; path = dirname(path)) {
      if (!(await this.#trusted(dirname(path), 'way'))) return NONE;
    }
    const names: string[] = [];
    for (const name of (await readdir(dir)).sort()) {
      if (await this.#trusted(join(dir, name), 'script')) names.push(name);
    }
    return { dir, names };
  }

  async #trusted(path: string, kind: Kind): Promise<boolean> {
    const problem = await distrust(path, kind);
    const what = kind === 'script' ? 'script' : 'directory';
    if (problem) this.#options.log.warn(`${what} left out: it ${problem}`, { path });
    return problem === '';
  }
}

interface Found {
  /** Links on its way resolved. */
  readonly dir: string;
  readonly names: readonly string[];
}

const NONE: Found = { dir: '', names: [] };

/** What is looked at; `way`: a folder on the way to the directory. */
type Kind = 'directory' | 'way' | 'script';

/** In such a folder, as /tmp is, nobody can take away what is another's. */
const STICKY = 0o1000;

/** @returns empty: it may be used; undefined: it is not there */
async function distrust(path: string, kind: Kind): Promise<string | undefined> {
  // A link could be led elsewhere by whoever owns what is on its way.
  const stats = await lstat(path).catch(() => undefined);
  if (!stats) return undefined;
  const right = kind === 'script' ? stats.isFile() : stats.isDirectory();
  if (!right) return kind === 'script' ? 'is not a regular file' : 'is not a directory';
  if (stats.uid !== 0) return 'does not belong to root';
  const sticky = kind === 'way' && (stats.mode & STICKY) !== 0;
  if ((stats.mode & 0o022) !== 0 && !sticky) return 'is writable by others than root';
  if (kind === 'script' && (stats.mode & 0o100) === 0) return 'is not executable';
  return '';
}
