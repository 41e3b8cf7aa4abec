import { lstatSync, readdirSync } from 'node:fs';
import { DESKTOP_PATHS, type DesktopPaths } from './paths.ts';

/**
 * So long after the last change a session may still begin without another one: its programs start
 * after its directories were made. And so often it is worth a look without any change.
 */
const SETTLED_MS = 60_000;
/** Users at a time: a terminal server's do not sit at its screen. */
const MAX_USERS = 100;

export interface DesktopWatchOptions {
  readonly paths?: Partial<DesktopPaths>;
  readonly settledMs?: number;
}

/**
 * Tells when it is worth to look for the desktop session again, for whoever does so regularly: a
 * search reads files of every process, and on most guests nobody ever logs in at a screen. Sessions,
 * seats, and display servers come and go with names in a few directories, which change by that.
 */
export class DesktopWatch {
  readonly #paths: DesktopPaths;
  readonly #settledMs: number;
  #seen: string;
  #changedAt = Number.NEGATIVE_INFINITY;
  #toldAt = performance.now();

  constructor({ paths = {}, settledMs = SETTLED_MS }: DesktopWatchOptions = {}) {
    this.#paths = { ...DESKTOP_PATHS, ...paths };
    this.#settledMs = settledMs;
    this.#seen = this.#look();
  }

  /** Whether there may be another session than when this was last true, or than at the beginning. */
  worthLooking(): boolean {
    const now = performance.now();
    const seen = this.#look();
    if (seen !== this.#seen) this.#changedAt = now;
    this.#seen = seen;
    const settled = now - this.#changedAt >= this.#settledMs;
    if (settled && now - this.#toldAt < this.#settledMs) return false;
    this.#toldAt = now;
    return true;
  }

  #look(): string {
    const { logind, x11Sockets, runtimeDirectories } = this.#paths;
    const ofUsers = namesIn(runtimeDirectories).map((name) => `${runtimeDirectories}/${name}`);
    const all = [`${logind}/sessions`, `${logind}/seats`, x11Sockets, runtimeDirectories];
    return [...all, ...ofUsers].map(stateOf).join();
  }
}

/** A link is not followed: in /tmp anybody could have one that leads to a server that hangs. */
function stateOf(directory: string): string {
  try {
    const { ino, mtimeNs } = lstatSync(directory, { bigint: true });
    return `${ino} ${mtimeNs}`;
  } catch {
    return '';
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).slice(0, MAX_USERS);
  } catch {
    return [];
  }
}
