import { ToolMissing, type ToolResult } from '@limiquantix/plugin-sdk/guest';
import type { Guest } from './guest.ts';

/** A program of the guest with its arguments. */
export interface Command {
  /** Its absolute path. */
  readonly program: string;
  readonly args: readonly string[];
}

/** Where a program is; undefined where the guest does not have it. */
export function installed(program: string, { findTool }: Guest): string | undefined {
  try {
    return findTool(program);
  } catch (thrown) {
    if (thrown instanceof ToolMissing) return undefined;
    throw thrown;
  }
}

const MAX_WORDS = 500;

/** Why a tool failed, in its own words where it had any. */
export function complaintOf({ exitCode, signal, stdout, stderr, timedOut }: ToolResult): string {
  if (timedOut) return 'it did not end in time and was killed';
  const words = (stderr.trim() || stdout.trim()).slice(0, MAX_WORDS);
  if (words !== '') return words;
  return signal ? `it was ended by ${signal}` : `it ended with exit code ${exitCode}`;
}
