import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { promisify } from 'node:util';
import { nameCache } from '@limiquantix/plugin-sdk/guest';
import { workingDirectoryUnusable } from '../errors.ts';
import type { Identity } from './identity.ts';
import { launchAs } from './launch.ts';

/**
 * Where a command runs: the requested directory, else its user's home, else `/`.
 * @throws AgentError WORKING_DIR_NOT_FOUND for one that it cannot be in
 */
export async function workingDirectory(requested: string, identity: Identity): Promise<string> {
  if (requested === '') return homeOrRoot(identity.account.home);
  if (requested.includes('\0')) {
    throw workingDirectoryUnusable(requested, 'contains a NUL character');
  }
  if (!isAbsolute(requested)) throw workingDirectoryUnusable(requested, 'is not an absolute path');
  await assertDirectory(requested);
  if (identity.switched) await assertEnterableAs(identity, requested);
  return requested;
}

async function homeOrRoot(home: string): Promise<string> {
  if (!isAbsolute(home)) return '/';
  return assertDirectory(home).then(
    () => home,
    () => '/',
  );
}

/** One look does it: `/.` is there only in a directory that can be entered. */
async function assertDirectory(path: string): Promise<void> {
  if (nameCache()?.stat(`${path}/.`)) return;
  await access(`${path}/.`, constants.X_OK).catch((cause: NodeJS.ErrnoException) => {
    const problem =
      cause.code === 'ENOTDIR' ? 'is not a directory' : `cannot be entered (${cause.code})`;
    throw workingDirectoryUnusable(path, problem, cause);
  });
}

const TRIAL = { timeout: 5000, killSignal: 'SIGKILL' } as const;

/** Tried as that user: mode bits alone say nothing about access control lists. */
async function assertEnterableAs(identity: Identity, path: string): Promise<void> {
  const trial = { file: '/bin/sh', args: ['-c', 'cd -- "$0"', path], cwd: '/', env: {} };
  const { file, args, cwd, env, uid, gid } = launchAs(trial, identity);
  await promisify(execFile)(file, args, { cwd, env, uid, gid, ...TRIAL }).catch(
    (cause: unknown) => {
      throw workingDirectoryUnusable(path, `cannot be entered by ${identity.account.name}`, cause);
    },
  );
}
