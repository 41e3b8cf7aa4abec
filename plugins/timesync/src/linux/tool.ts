import { runTool, ToolMissing } from '@limiquantix/plugin-sdk/guest';
import { Absent } from '../service.ts';
import type { Guest } from './guest.ts';

/** A tool ran and did not do it; the message is its own words. */
export class ToolFailed extends Error {}

export interface RunOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 10_000;
const MAX_WORDS = 300;

/**
 * Runs one of the guest's tools.
 * @returns what it wrote
 * @throws ToolMissing, ToolFailed
 */
export async function run(
  [program, ...args]: readonly [string, ...string[]],
  { findTool }: Guest,
  { timeoutMs = TIMEOUT_MS, signal }: RunOptions = {},
): Promise<string> {
  const result = await runTool(findTool(program), args, { timeoutMs, signal });
  if (result.exitCode === 0) return result.stdout;
  const words = [result.stdout, result.stderr].map((text) => text.trim().slice(0, MAX_WORDS));
  const ending = result.timedOut ? 'did not end in time' : `exit code ${result.exitCode}`;
  throw new ToolFailed(`${program}: ${words.filter(Boolean).join(', ') || ending}`);
}

/** Whether a tool is to blame: it is not there, or could not do it. */
export function isOfTool(thrown: unknown): thrown is ToolFailed | ToolMissing {
  return thrown instanceof ToolFailed || thrown instanceof ToolMissing;
}

/** Whether the guest has the program. */
export function isInstalled(program: string, { findTool }: Guest): boolean {
  try {
    findTool(program);
    return true;
  } catch (thrown) {
    if (isOfTool(thrown)) return false;
    throw thrown;
  }
}

/** @throws Absent where a tool is to blame */
export async function orAbsent<T>(work: Promise<T>): Promise<T> {
  return work.catch((thrown) => {
    throw isOfTool(thrown) ? new Absent(thrown.message) : thrown;
  });
}

/** Undefined where a tool is to blame. */
export async function ifPossible<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((thrown) => {
    if (isOfTool(thrown)) return undefined;
    throw thrown;
  });
}
