import { runTool } from '@limiquantix/plugin-sdk/guest';
import { noPowerTool, powerToolsFailed } from '../errors.ts';
import type { PowerAction } from '../power-action.ts';
import { type Command, complaintOf, installed } from './command.ts';
import type { Guest } from './guest.ts';

/** With systemd they only hand the action over; sysvinit's stops services first. */
const TIMEOUT_MS = 30_000;

/** `-P` and `-H` of sysvinit only modify `-h`; systemd's takes them together too. */
const SHUTDOWN_FLAGS: Readonly<Record<PowerAction, readonly string[]>> = {
  poweroff: ['-h', '-P'],
  halt: ['-h', '-H'],
  reboot: ['-r'],
};

/**
 * What brings the system down on this guest: one after the other until one succeeds.
 * @param reason for the system's log; may be empty
 * @throws AgentError where the guest has none of the tools
 */
export function powerCommands(action: PowerAction, reason: string, guest: Guest): Command[] {
  const candidates = guest.systemdRuns() ? bySystemd(action, reason) : byInit(action);
  const commands = candidates.flatMap(([name, ...args]) => {
    const program = installed(name, guest);
    return program === undefined ? [] : { program, args };
  });
  if (commands.length > 0) return commands;
  throw noPowerTool(action, [...new Set(candidates.map(([name]) => name))]);
}

type Candidate = readonly [program: string, ...args: string[]];

function bySystemd(action: PowerAction, reason: string): Candidate[] {
  const plain: Candidate = ['systemctl', action];
  // Before version 225 it has no such option, and does nothing.
  return reason === '' ? [plain] : [['systemctl', action, `--message=${reason}`], plain];
}

function byInit(action: PowerAction): Candidate[] {
  return [['shutdown', ...SHUTDOWN_FLAGS[action], 'now'], [action]];
}

/** @throws AgentError with what each command said, where all of them failed */
export async function bringDown(action: PowerAction, commands: readonly Command[]): Promise<void> {
  const complaints: string[] = [];
  for (const command of commands) {
    const complaint = await run(command).catch(String);
    if (complaint === undefined) return;
    complaints.push(`${command.program}: ${complaint}`);
  }
  throw powerToolsFailed(action, complaints);
}

/** @returns why it failed; undefined where it did not */
async function run({ program, args }: Command): Promise<string | undefined> {
  const result = await runTool(program, args, { timeoutMs: TIMEOUT_MS });
  // The system that goes down may end the tool that told it to.
  const done = result.exitCode === 0 || result.signal === 'SIGTERM';
  return done ? undefined : complaintOf(result);
}
