import { constants } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { ExecuteRequest } from '@limiquantix/plugin-sdk';
import { nameCache } from '@limiquantix/plugin-sdk/guest';
import { commandEmpty, commandHoldsNul, commandNotExecutable, commandNotFound } from '../errors.ts';
import type { Program } from './launch.ts';

export interface SearchOptions {
  /** What a relative path is relative to. */
  readonly directory: Promise<string>;
  /** The command's own PATH. */
  readonly path: string;
}

/**
 * The file that a request makes run, and its arguments: the one place where that is decided.
 * Without `args` the command is a line for the shell, with them it is the program.
 * @throws AgentError COMMAND_NOT_FOUND, PERMISSION_DENIED
 */
export async function resolveProgram(
  { command, args }: Pick<ExecuteRequest, 'command' | 'args'>,
  options: SearchOptions,
): Promise<Pick<Program, 'file' | 'args'>> {
  if (command === '') throw commandEmpty();
  if (command.includes('\0')) throw commandHoldsNul('the command');
  if (args.some((arg) => arg.includes('\0'))) throw commandHoldsNul('an argument');
  // `--`: a line may begin with a dash.
  if (args.length === 0) return { file: '/bin/sh', args: ['-c', '--', command] };
  return { file: await findProgram(command, options), args };
}

async function findProgram(command: string, { directory, path }: SearchOptions): Promise<string> {
  let denied: Obstacle | undefined;
  const candidates = command.includes('/')
    ? [isAbsolute(command) ? command : resolve(await directory, command)]
    : searched(path).map((entry) => join(entry, command));
  for (const candidate of candidates) {
    const obstacle = await obstacleTo(candidate);
    if (!obstacle) return candidate;
    if (obstacle.exists) denied ??= obstacle;
  }
  if (denied) throw commandNotExecutable(command, { context: denied.reason });
  throw commandNotFound(command, command.includes('/') ? {} : { context: `looked for in ${path}` });
}

/** Relative entries are left out: what runs must not depend on the working directory. */
function searched(path: string): string[] {
  return path.split(':').filter(isAbsolute);
}

interface Obstacle {
  readonly exists: boolean;
  readonly reason: string;
}

async function obstacleTo(file: string): Promise<Obstacle | undefined> {
  try {
    const mode = Number((nameCache()?.stat(file) ?? (await stat(file))).mode);
    const type = mode & constants.S_IFMT;
    if (type === constants.S_IFDIR) return { exists: true, reason: `${file} is a directory` };
    if (type !== constants.S_IFREG) {
      return { exists: true, reason: `${file} is not a regular file` };
    }
    // Executable by whom, the kernel says when it is executed.
    const executable = (mode & 0o111) !== 0;
    return executable ? undefined : { exists: true, reason: `${file} is not executable` };
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    const exists = code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ENAMETOOLONG';
    return { exists, reason: `${file} cannot be reached (${code})` };
  }
}
