import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Bench } from './case.ts';
import { findProgram } from './servers/find-program.ts';

/**
 * Says on which processors this process and a server run. Left to itself the scheduler puts them
 * sometimes beside each other and sometimes apart, where each message has to wake a processor that
 * sleeps: that takes several times as long as what a server does.
 */
export class Processors {
  readonly #taskset: string | undefined;
  /** As taskset takes them: `0-3,6`. */
  readonly #allowed: string = allowedProcessors();

  constructor({ remark }: Pick<Bench, 'remark'>) {
    this.#taskset = findProgram('taskset');
    if (this.#taskset) return;
    remark('processors were left to the scheduler: taskset is not installed (util-linux)');
  }

  /** With all threads of this process and of the server on one processor; then back to all. */
  async onOne<T>(server: number, action: () => Promise<T>): Promise<T> {
    // Interrupts are mostly served by the first.
    const last = this.#allowed.split(/[,-]/).at(-1) as string;
    const pids = [process.pid, server];
    try {
      for (const pid of pids) this.#allow(pid, last);
      return await action();
    } finally {
      for (const pid of pids) this.#allow(pid, this.#allowed);
    }
  }

  #allow(pid: number, processors: string): void {
    if (!this.#taskset) return;
    execFileSync(this.#taskset, ['--all-tasks', '--cpu-list', '--pid', processors, String(pid)], {
      stdio: 'ignore',
    });
  }
}

function allowedProcessors(): string {
  const status = readFileSync('/proc/self/status', 'utf8');
  return /^Cpus_allowed_list:\s+(\S+)/m.exec(status)?.[1] as string;
}
