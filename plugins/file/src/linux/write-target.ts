import { constants } from 'node:fs';
import { type FileHandle, open, readlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path/posix';
import { AgentError } from '@limiquantix/plugin-sdk';
import type { FileFacts } from '@limiquantix/plugin-sdk/guest';
import { brief, hasCode } from '../errors.ts';
import { GatheredIo } from '../gathered-io.ts';
import { pinMadeDirectory } from './make-directory.ts';
import { joinPath } from './path.ts';
import { type Pin, pinDirectory } from './pin.ts';
import { openRegularFile } from './regular-file.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NOCTTY, O_NONBLOCK } = constants;
const CREATE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
/** As many links as the kernel follows. */
const MOST_LINKS = 40;

/** A regular file that is open for writing. */
export interface WriteTarget extends AsyncDisposable {
  readonly handle: FileHandle;
  /** Writes at a position. */
  readonly io: GatheredIo;
  /** What was there; undefined: the file is new, and only root can open it yet. */
  readonly existing: FileFacts | undefined;
  /** Puts a new file's name on stable storage. */
  syncName(): Promise<void>;
}

/**
 * Opens a file for writing, or creates it. Links are followed, also one that leads to a
 * file that does not exist yet: each step creates exclusively or opens what is there, so
 * that "new" is never said of somebody else's file.
 * @throws AgentError NOT_A_FILE
 */
export async function openToWrite(path: string, createParents: boolean): Promise<WriteTarget> {
  let at = path;
  for (let links = 0; links <= MOST_LINKS; links++) {
    const existing = await openExisting(at);
    if (existing) return existing;
    using directory = createParents
      ? await pinMadeDirectory(dirname(at))
      : await pinDirectory(dirname(at));
    const created = await create(directory, basename(at));
    if (created) return created;
    at = await followed(directory, basename(at));
  }
  throw new AgentError('FILE_NOT_FOUND', {
    detail: `${brief(path)} is created and deleted again all the time, or its links never end`,
  });
}

async function openExisting(path: string): Promise<WriteTarget | undefined> {
  try {
    const { handle, stats } = await openRegularFile(path, O_WRONLY);
    return {
      handle,
      io: writerOf(handle),
      existing: stats,
      syncName: async () => {},
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function create(directory: Pin, name: string): Promise<WriteTarget | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(directory.entry(name), CREATE, 0o600);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return undefined;
    throw error;
  }
  return {
    handle,
    io: writerOf(handle),
    existing: undefined,
    syncName: () => syncDirectoryOf(handle),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

function writerOf(handle: FileHandle): GatheredIo {
  return new GatheredIo(
    async (buffers, position) => (await handle.writev(buffers, position)).bytesWritten,
  );
}

/** Where a link leads; the same place where it is none, which is then there to be opened. */
async function followed(directory: Pin, name: string): Promise<string> {
  const here = joinPath(directory.path, name);
  try {
    const target = await readlink(directory.entry(name));
    return target.startsWith('/') ? target : joinPath(directory.path, target);
  } catch (error) {
    if (hasCode(error, 'EINVAL', 'ENOENT')) return here;
    throw error;
  }
}

async function syncDirectoryOf({ fd }: FileHandle): Promise<void> {
  const path = await readlink(`/proc/self/fd/${fd}`);
  await using directory = await open(dirname(path), constants.O_DIRECTORY);
  await directory.sync();
}
