import { lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';

/** The inode that the kernel gives the first PID namespace, on every machine. */
const FIRST_NAMESPACE = 'pid:[4026531836]';

/** Reports between two listings of /proc: drivers add folders there that are no processes. */
const LIST_EVERY = 60;

/**
 * Counts processes, zombies included. A folder has a link for each subfolder, and the
 * kernel keeps that number up to date for /proc, where every process is one. Less the
 * others it is the number of processes; to list them costs more the more there are.
 */
export class ProcessCounter {
  /** In a namespace of its own (a container) /proc has links for all namespaces. */
  readonly #linksCount = namespace() === FIRST_NAMESPACE;
  #otherLinks = 0;
  #reports = 0;

  /** @throws Error where /proc cannot be read */
  count(): number {
    if (this.#linksCount && this.#reports++ % LIST_EVERY !== 0) {
      return statSync('/proc').nlink - this.#otherLinks;
    }
    // Names alone: with file types Node looks at each entry, and processes vanish meanwhile.
    const names = readdirSync('/proc');
    const others = names.filter((name) => !/^\d+$/.test(name));
    // Its own `.` and the entry in its parent are links too.
    this.#otherLinks = 2 + others.filter(isFolder).length;
    return names.length - others.length;
  }
}

function isFolder(name: string): boolean {
  return lstatSync(`/proc/${name}`, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function namespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}
