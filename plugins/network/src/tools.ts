import type { RunTool, ToolResult } from '@limiquantix/plugin-sdk/guest';
import { toolFailed, toolMissing } from './errors.ts';

const MAX_OUTPUT_BYTES = 256 * 1024;

/** The guest's own network programs, with one time limit. */
export class Tools {
  readonly #run: RunTool;
  readonly #timeoutMs: number;

  constructor(run: RunTool, timeoutMs: number) {
    this.#run = run;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @returns its standard output
   * @throws AgentError NETWORK_CONFIG_FAILED with its standard error, unless it succeeds
   */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const command = [program, ...args].join(' ');
    const result = await this.query(program, ...args);
    if (!result) throw toolMissing(command);
    if (result.exitCode !== 0) throw toolFailed(command, result);
    return result.stdout;
  }

  /** How it ended, whatever it says; undefined where it is not installed. */
  async query(program: string, ...args: readonly string[]): Promise<ToolResult | undefined> {
    try {
      return await this.#run(program, args, {
        timeoutMs: this.#timeoutMs,
        maxOutputBytes: MAX_OUTPUT_BYTES,
      });
    } catch (error) {
      // A bundle has its own copy of the class: the name tells.
      if ((error as Error).name === 'ToolMissing') return undefined;
      throw error;
    }
  }
}
