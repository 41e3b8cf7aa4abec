import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ToolMissing } from '../guest/run-tool.ts';

/** How a tool was called. */
export interface ToolCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly input: string;
}

const WAIT_MS = 20_000;

/**
 * A folder of programs that write down how they were called, for a test of what must not
 * happen to the machine that it runs on: nothing else is ever found here.
 */
export class FakeTools {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'fake-tools-'));
  readonly #calls = join(this.dir, 'calls');
  readonly #bin = join(this.dir, 'bin');

  constructor() {
    mkdirSync(this.#calls);
    mkdirSync(this.#bin);
  }

  /**
   * @param script what it does once its call is written down; for sh, with its input in the
   *   file `$record.input`
   */
  add(name: string, script = ''): void {
    const lines = [
      '#!/bin/sh',
      `record=${this.#calls}/$(date +%s%N)-$$`,
      'cat > "$record.input"',
      `printf '%s\\0' ${name} "$@" > "$record.part"`,
      'mv "$record.part" "$record.call"',
      script,
    ];
    writeFileSync(join(this.#bin, name), `${lines.join('\n')}\n`, { mode: 0o755 });
  }

  /** Makes one program a link to another. */
  link(name: string, to: string): void {
    symlinkSync(to, join(this.#bin, name));
  }

  /** As `findTool` of the guest's. */
  readonly find = (program: string): string => {
    const path = join(this.#bin, program);
    if (!existsSync(path)) throw new ToolMissing(program);
    return path;
  };

  /** In the order of the calls. */
  calls(program?: string): ToolCall[] {
    return readdirSync(this.#calls)
      .filter((file) => file.endsWith('.call'))
      .sort()
      .map((file) => this.#read(file))
      .filter((call) => program === undefined || call.program === program);
  }

  /** Waits until a program was called so often; rejects where that takes too long. */
  async called(program: string, times = 1): Promise<ToolCall[]> {
    for (const deadline = performance.now() + WAIT_MS; ; ) {
      const calls = this.calls(program);
      if (calls.length >= times) return calls;
      if (performance.now() > deadline) throw new Error(`${program} was not called`);
      await sleep(20);
    }
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  #read(file: string): ToolCall {
    const path = join(this.#calls, file);
    const [program = '', ...args] = readFileSync(path, 'utf8').split('\0');
    const input = readFileSync(path.replace(/call$/, 'input'), 'utf8');
    return { program, args: args.slice(0, -1), input };
  }
}
