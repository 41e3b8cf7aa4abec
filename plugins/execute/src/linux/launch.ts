import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { AgentError } from '@limiquantix/plugin-sdk';
import { commandNotExecutable, commandNotFound, identityNotSwitched } from '../errors.ts';
import type { Identity } from './identity.ts';

/** A program with everything that its process begins with, except for who it is. */
export interface Program {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What is spawned so that a program runs as somebody. */
export interface Launch extends Program {
  readonly uid?: number;
  readonly gid?: number;
  /** Where another program does the switch: the file that it executes in the end. */
  readonly executes?: string;
}

/**
 * The cheapest way to run a program as somebody. Node's own switch clears the
 * supplementary groups, so those take a program in between that sets them.
 */
export function launchAs(program: Program, identity: Identity): Launch {
  if (!identity.switched) return program;
  const { uid } = identity.account;
  if (identity.groups.length === 0) return { ...program, uid, gid: identity.gid };
  const direct = hasChroot() && !Object.keys(program.env).some(isObeyedByLoader);
  return direct ? throughChroot(program, identity) : throughRuntime(program, identity);
}

/** Why a launched program did not start, where the program in between has said it. */
export function launchFailure(
  { file, executes }: Launch,
  exitCode: number,
  stderr: string,
): AgentError | undefined {
  if (executes === undefined || !stderr.startsWith(`${file}: `)) return undefined;
  const context = stderr.trim();
  if (exitCode === 125) return identityNotSwitched(executes, { context });
  if (!stderr.includes(executes)) return undefined;
  if (exitCode === 126) return commandNotExecutable(executes, { context });
  return exitCode === 127 ? commandNotFound(executes, { context }) : undefined;
}

/**
 * Those by which libc loads code and data. The program in between has the command's
 * environment while it is still root: a library path of the target user would make root
 * run that user's code.
 */
const LOADER_VARIABLES = /^(LD_.*|MALLOC_.*|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|NLSPATH)$/;

function isObeyedByLoader(variable: string): boolean {
  return LOADER_VARIABLES.test(variable);
}

/**
 * With the root directory that it has already, chroot of coreutils does nothing but set
 * groups, group and user, in this order, and execute. setpriv would do the same, but keeps
 * its capabilities until then, and so executes what its user may not.
 */
const CHROOT = '/usr/sbin/chroot';

/** Not that of busybox, which cannot switch users. */
function hasChroot(): boolean {
  try {
    return basename(realpathSync(CHROOT)) !== 'busybox';
  } catch {
    return false;
  }
}

function throughChroot(program: Program, identity: Identity): Launch {
  const { file, args } = program;
  // With a plus sign a number is no name, and is not looked up as one.
  const options = [
    `--userspec=+${identity.account.uid}:+${identity.gid}`,
    `--groups=${identity.groups.map((id) => `+${id}`).join()}`,
    '--skip-chdir',
  ];
  return { ...program, file: CHROOT, args: [...options, '/', file, ...args], executes: file };
}

/**
 * Starts as root with nothing of the command's in its environment, becomes the user, and
 * only then starts the command with its own. It stays as the command's parent: replacing
 * itself would leave the signals ignored that this runtime ignores.
 */
const SWITCH_AND_RUN = `
const { groups, gid, uid, file, env } = JSON.parse(process.env.LAUNCH);
process.setgroups(groups);
process.setgid(gid);
process.setuid(uid);
const { spawnSync } = require('node:child_process');
const { error, status, signal } = spawnSync(file, process.argv.slice(1), { env, stdio: 'inherit' });
if (error) {
  process.stderr.write(process.execPath + ': ' + file + ': ' + error.code + '\\n');
  process.exitCode = error.code === 'ENOENT' ? 127 : 126;
} else if (signal) {
  process.exitCode = 128 + require('node:os').constants.signals[signal];
  process.kill(process.pid, signal);
} else {
  process.exitCode = status;
}`;

/** Ten times slower, and wherever the agent runs. */
function throughRuntime(program: Program, identity: Identity): Launch {
  const { groups, gid, account } = identity;
  const { file, args, env } = program;
  return {
    ...program,
    file: process.execPath,
    args: ['--no-warnings', '--disable-sigusr1', '--eval', SWITCH_AND_RUN, '--', ...args],
    env: { LAUNCH: JSON.stringify({ groups, gid, uid: account.uid, file, env }) },
    executes: file,
  };
}
