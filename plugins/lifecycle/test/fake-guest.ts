import {
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
import { findTool, ToolMissing } from '@limiquantix/plugin-sdk/guest';
import { afterAll, vi } from 'vitest';
import type { Guest } from '../src/linux/guest.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** How a tool was called. */
export interface Recorded {
  readonly program: string;
  readonly args: readonly string[];
  readonly input: string;
}

export type Tools = Readonly<Record<string, string>>;

export interface FakeGuestOptions {
  /** Programs that exist, and what each does once it has recorded its call (for sh). */
  readonly tools: Tools | ((dir: string) => Tools);
  readonly systemd?: boolean;
  readonly users?: readonly string[];
}

/**
 * A guest whose tools are scripts in a folder of their own that write down how they were
 * called. Nothing else is ever found in it: no test reaches a tool of this machine.
 */
export class FakeGuest implements Guest {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'lifecycle-'));
  readonly #options: FakeGuestOptions;
  readonly #calls = join(this.dir, 'calls');

  constructor(options: FakeGuestOptions) {
    this.#options = options;
    mkdirSync(this.#calls);
    mkdirSync(join(this.dir, 'bin'));
    const { tools } = options;
    const scripts = typeof tools === 'function' ? tools(this.dir) : tools;
    for (const [name, script] of Object.entries(scripts)) this.#install(name, script);
    folders.push(this.dir);
  }

  readonly findTool = (program: string): string => {
    try {
      return findTool(join(this.dir, 'bin', program));
    } catch {
      throw new ToolMissing(program);
    }
  };

  readonly systemdRuns = (): boolean => this.#options.systemd ?? false;

  readonly accounts: Guest['accounts'] = {
    user: async (name) =>
      this.#options.users?.includes(name)
        ? { name, uid: 1000, gid: 1000, home: '/', shell: '/bin/sh' }
        : undefined,
  };

  /** In the order of the calls. */
  calls(program?: string): Recorded[] {
    return readdirSync(this.#calls)
      .filter((file) => file.endsWith('.call'))
      .sort()
      .map((file) => {
        const [name = '', ...args] = readFileSync(join(this.#calls, file), 'utf8').split('\0');
        const input = readFileSync(join(this.#calls, file.replace('.call', '.input')), 'utf8');
        return { program: name, args: args.slice(0, -1), input };
      })
      .filter((call) => program === undefined || call.program === program);
  }

  /** Waits until it was called so often. */
  async called(program: string, times = 1): Promise<Recorded[]> {
    await vi.waitUntil(() => this.calls(program).length >= times, { timeout: 8000, interval: 20 });
    return this.calls(program);
  }

  /** Makes one program a link to another. */
  link(name: string, to: string): void {
    symlinkSync(to, join(this.dir, 'bin', name));
  }

  #install(name: string, script: string): void {
    const lines = [
      '#!/bin/sh',
      `record=${this.#calls}/$(date +%s%N)-$$`,
      'cat > "$record.input"',
      `printf '%s\\0' ${name} "$@" > "$record.part"`,
      'mv "$record.part" "$record.call"',
      script,
    ];
    writeFileSync(join(this.dir, 'bin', name), `${lines.join('\n')}\n`, { mode: 0o755 });
  }
}
