import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesIn, type QemuOptions, startQemu } from './qemu.ts';
import { Qmp } from './qmp.ts';
import { Shell } from './shell.ts';

/** A folder for one machine, in the one that scripts/test-vm.mjs removes at the end. */
export function newRunDirectory(): string {
  return mkdtempSync(join(process.env.LIMIQUANTIX_VM_RUN ?? tmpdir(), 'machine-'));
}

/** A running virtual machine with its monitor and its shell, in a folder of its own. */
export class Machine {
  readonly places: ReturnType<typeof placesIn>;
  readonly qmp: Qmp;
  readonly shell: Shell;
  readonly #process: ChildProcess;
  readonly #removeAtExit: () => void;

  private constructor(dir: string, child: ChildProcess, qmp: Qmp, shell: Shell) {
    this.places = placesIn(dir);
    this.qmp = qmp;
    this.shell = shell;
    this.#process = child;
    this.#removeAtExit = () => rmSync(dir, { recursive: true, force: true });
    process.once('exit', this.#removeAtExit);
  }

  /** Resolves when it runs: it boots, or goes on from a saved state at once. */
  static async start(options: QemuOptions): Promise<Machine> {
    const child = await startQemu(options);
    const { qmp, shell, qemuLog } = placesIn(options.dir);
    try {
      const monitor = await Qmp.connect(qmp);
      const machine = new Machine(options.dir, child, monitor, await Shell.connect(shell));
      if (options.state) await machine.#resume();
      return machine;
    } catch (cause) {
      child.kill('SIGKILL');
      const said = readFileSync(qemuLog, 'utf8');
      rmSync(options.dir, { recursive: true, force: true });
      throw new Error(`the machine does not start: ${said}`, { cause });
    }
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** Writes the state of memory and devices to a file. The machine stands still from then on. */
  async save(file: string): Promise<void> {
    await this.qmp.run('stop');
    await this.qmp.run('migrate-set-parameters', { 'max-bandwidth': 1 << 30 });
    await this.qmp.run('migrate', { uri: `exec:cat >${file}` });
    await this.#until('query-migrate', 'completed');
  }

  /** Ends it with its disks written. */
  async quit(): Promise<void> {
    const ended = this.#ended();
    // It may be gone before it has answered.
    await this.qmp.run('quit').catch(() => undefined);
    await ended;
  }

  /** Ends it as a power cut would, and removes its folder. */
  async stop(): Promise<void> {
    this.shell.close();
    this.qmp.close();
    const ended = this.#ended();
    this.#process.kill('SIGKILL');
    await ended;
    process.off('exit', this.#removeAtExit);
    this.#removeAtExit();
  }

  #ended(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#process.once('exit', () => resolve()));
  }

  async #resume(): Promise<void> {
    await this.#until('query-status', 'paused');
    await this.qmp.run('cont');
  }

  async #until(query: string, wanted: string): Promise<void> {
    for (;;) {
      const { status } = (await this.qmp.run(query)) as { status?: string };
      if (status === wanted) return;
      if (status === 'failed') throw new Error(`${query}: the machine's state is not whole`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
