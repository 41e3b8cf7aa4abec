import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path/posix';
import {
  AgentError,
  type CreateDirectoryRequest,
  type CreateDirectoryResponse,
  type Init,
} from '@limiquantix/plugin-sdk';
import { brief, hasCode } from './errors.ts';
import { makeDirectory, pinMadeDirectory } from './linux/make-directory.ts';
import { parsePath } from './linux/path.ts';
import { pinDirectory } from './linux/pin.ts';
import { permissions } from './mode.ts';

const DEFAULT_MODE = 0o755;

/** With create_parents as `mkdir -p`: a directory that is there already is fine, and kept. */
export async function createDirectory(
  request: CreateDirectoryRequest,
): Promise<Init<CreateDirectoryResponse>> {
  const path = parsePath(request.path);
  const name = basename(path);
  using parent = request.createParents
    ? await pinMadeDirectory(dirname(path))
    : await pinDirectory(dirname(path));
  try {
    await makeDirectory(parent, name, permissions(request.mode ?? DEFAULT_MODE));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    if (request.createParents && (await isDirectory(parent.entry(name)))) return {};
    throw new AgentError('FILE_ALREADY_EXISTS', {
      detail: brief(path),
      resolution: 'Choose another path; create_parents accepts a directory that exists already',
      cause: error,
    });
  }
  return {};
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    // A link that leads nowhere.
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
