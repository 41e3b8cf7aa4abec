import { runTool } from '@limiquantix/plugin-sdk/guest';
import type { PowerAction } from '../power-action.ts';
import { complaintOf, installed } from './command.ts';
import type { Guest } from './guest.ts';

const WORDS: Readonly<Record<PowerAction, string>> = {
  poweroff: 'power off',
  reboot: 'reboot',
  halt: 'halt',
};

const TIMEOUT_MS = 5000;

/**
 * Tells the users that are logged in, through `wall`.
 * @returns why they were not told; undefined where they were, or the guest has no `wall`
 */
export async function announce(
  { action, delaySeconds, reason }: { action: PowerAction; delaySeconds: number; reason: string },
  guest: Guest,
): Promise<string | undefined> {
  const wall = installed('wall', guest);
  if (wall === undefined) return undefined;
  const when = delaySeconds === 0 ? 'now' : `in ${delaySeconds} seconds`;
  const input = `${reason === '' ? '' : `${reason}\n`}The system will ${WORDS[action]} ${when}.\n`;
  const result = await runTool(wall, [], { timeoutMs: TIMEOUT_MS, input });
  return result.exitCode === 0 ? undefined : complaintOf(result);
}
