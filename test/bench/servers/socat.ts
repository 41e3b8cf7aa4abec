import type { Bench } from '../case.ts';
import { openSocketWhenUp } from '../clients/connection.ts';
import { findProgram } from './find-program.ts';

const BLOCK_BYTES = 64 * 1024;

/** socat sending a file to a unix socket in blocks of 64 KiB: the floor under a transfer. */
export class Socat {
  readonly #program: string;
  readonly #bench: Bench;
  #sent = 0;

  private constructor(program: string, bench: Bench) {
    this.#program = program;
    this.#bench = bench;
  }

  /** @returns undefined where it is not installed, which is then told */
  static find(bench: Bench): Socat | undefined {
    const program = findProgram('socat');
    if (program) return new Socat(program, bench);
    bench.absent('socat', 'it is not installed: apt-get install socat');
    return undefined;
  }

  /** @returns how long the file took, in milliseconds, once socat was there */
  async send(file: string, bytes: number): Promise<number> {
    const { workspace } = this.#bench;
    const path = workspace.path(`socat-${this.#sent++}.sock`);
    const args = ['-u', '-b', String(BLOCK_BYTES), `FILE:${file}`, `UNIX-LISTEN:${path}`];
    workspace.spawn(this.#program, args);
    let received = 0;
    const socket = await openSocketWhenUp(path, (chunk) => {
      received += chunk.length;
    });
    const begin = performance.now();
    await new Promise((resolve) => socket.once('close', resolve));
    const ms = performance.now() - begin;
    if (received === bytes) return ms;
    throw new Error(`socat sent ${received} bytes of ${bytes}`);
  }
}
