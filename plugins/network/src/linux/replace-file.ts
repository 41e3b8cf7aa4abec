import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileNotWritten } from '../errors.ts';
import type { Undo } from '../undo.ts';

export interface Ownership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

interface FileState extends Ownership {
  readonly content: Uint8Array;
}

const PRIVATE: Ownership = { mode: 0o600, uid: 0, gid: 0 };

/**
 * Replaces a file as a whole or creates it, so that nobody ever reads half of it.
 * @param ownership undefined: that of the file that is there, else root's alone
 * @throws AgentError NETWORK_CONFIG_FAILED
 */
export async function replaceFile(
  path: string,
  text: string,
  undo: Undo,
  ownership?: Ownership,
): Promise<void> {
  try {
    // A link stays one: what it leads to is replaced.
    const target = await realpath(path).catch(() => path);
    const former = await stateOf(target);
    undo.add(() => (former ? write(target, former) : rm(target, { force: true })));
    await mkdir(dirname(target), { recursive: true });
    const { mode, uid, gid } = ownership ?? former ?? PRIVATE;
    await write(target, { content: Buffer.from(text), mode, uid, gid });
  } catch (error) {
    throw fileNotWritten(path, error);
  }
}

async function stateOf(path: string): Promise<FileState | undefined> {
  try {
    const { mode, uid, gid } = await stat(path);
    return { content: await readFile(path), mode: mode & 0o7777, uid, gid };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function write(path: string, { content, mode, uid, gid }: FileState): Promise<void> {
  const directory = dirname(path);
  // Hidden, and without the ending that the network programs look for.
  const draft = join(directory, `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.chown(uid, gid);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
