import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const open = new Set<Workspace>();
process.on('exit', () => {
  for (const workspace of open) workspace.clear();
});
for (const [signal, number] of [
  ['SIGINT', 2] as const,
  ['SIGTERM', 15] as const,
  ['SIGHUP', 1] as const,
]) {
  process.on(signal, () => process.exit(128 + number));
}

/** A folder and the processes of one case. Nothing of it is left, however the benchmark ends. */
export class Workspace implements AsyncDisposable {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'qx-bench-'));
  readonly #children = new Set<ChildProcess>();

  constructor() {
    open.add(this);
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  /** Its own process group, which is killed as a whole. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn(command, args, { stdio: 'ignore', ...options, detached: true });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    child.once('error', () => this.#children.delete(child));
    return child;
  }

  clear(): void {
    open.delete(this);
    for (const { pid } of this.#children) kill(pid);
    rmSync(this.dir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ends = [...this.#children].map(
      (child) => new Promise((done) => child.once('exit', done)),
    );
    this.clear();
    await Promise.all(ends);
  }
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
