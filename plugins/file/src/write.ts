import { type FileHandle, statfs } from 'node:fs/promises';
import {
  AgentError,
  type AgentErrorOptions,
  type Call,
  type FileWriteRequest,
  type FileWriteResponse,
  type Init,
} from '@limiquantix/plugin-sdk';
import { brief, fileError, hasCode } from './errors.ts';
import { parsePath } from './linux/path.ts';
import type { WriteTarget } from './linux/write-target.ts';
import { permissions } from './mode.ts';
import { exactOffset } from './offset.ts';
import { requireWhole } from './whole.ts';
import type { WriteTargets } from './write-targets.ts';

const DEFAULT_MODE = 0o644;

/**
 * Chunks of one upload may be written in any order: beyond the end a hole is left. Only the
 * chunk that truncates has to be finished before the others are sent.
 */
export async function writeFile(
  request: FileWriteRequest,
  targets: WriteTargets,
  call: Pick<Call, 'releaseRequest'>,
): Promise<Init<FileWriteResponse>> {
  requireWhole(request);
  const { data, createParents } = request;
  const path = parsePath(request.path);
  const offset = exactOffset(request.offset, data.length);
  // Closed before the answer: a program that was uploaded can be run, and closing may fail.
  await using target = await targets.open(path, { createParents, alone: offset === 0 });
  const { handle, existing } = target;
  if (request.truncate && existing) {
    await requireRoom(target, data.length, path);
    await handle.truncate(0);
  }
  // Between emptying and writing, so that neither what was there nor what comes is shown
  // to somebody who may not read it.
  const mode = request.mode ?? (existing ? existing.mode : DEFAULT_MODE);
  if (!existing || permissions(mode) !== permissions(existing.mode)) {
    await handle.chmod(permissions(mode));
  }
  const bytesWritten = await writeAt(target, data, offset, path);
  call.releaseRequest();
  if (request.sync) {
    await handle.datasync();
    await target.syncName();
  }
  return { bytesWritten };
}

async function writeAt(
  { handle, io }: WriteTarget,
  data: Uint8Array,
  offset: number,
  path: string,
): Promise<number> {
  let written = 0;
  try {
    while (written < data.length) {
      const rest = data.subarray(written);
      const bytes =
        offset === 0
          ? // Without a position: files of /proc know no other way.
            (await handle.write(rest)).bytesWritten
          : await io.transfer(rest, offset + written);
      if (bytes === 0) break;
      written += bytes;
    }
  } catch (error) {
    throw await writeError(error, handle, { path, offset, written, bytes: data.length });
  }
  return written;
}

interface Attempt {
  readonly path: string;
  readonly offset: number;
  readonly written: number;
  readonly bytes: number;
}

async function writeError(
  error: unknown,
  handle: FileHandle,
  { path, offset, written, bytes }: Attempt,
): Promise<unknown> {
  if (hasCode(error, 'EFBIG', 'EINVAL') && offset > (await handle.stat()).size) {
    return new AgentError('INVALID_OFFSET', {
      detail: `${offset} is past what the filesystem of ${brief(path)} lets a file hold`,
      cause: error,
    });
  }
  const context = `${written} of ${bytes} bytes were written at offset ${offset}`;
  return fileError(error, path, { context });
}

/**
 * Emptying a file that then cannot be written again would lose what it held, and a full
 * disk is when that happens. What the file itself occupies becomes free.
 */
async function requireRoom(
  { handle, existing }: WriteTarget,
  bytes: number,
  path: string,
): Promise<void> {
  if (!existing || existing.size === 0n) return;
  const { blocks, bfree, bsize } = await statfs(`/proc/self/fd/${handle.fd}`);
  const free = bfree * bsize + Number(existing.blocks) * 512;
  // Filesystems such as /proc have no blocks at all.
  if (blocks === 0 || bytes <= free) return;
  throw new AgentError('DISK_FULL', {
    detail: `${brief(path)}: ${bytes} bytes do not fit into ${free} free ones`,
    context: 'The file was left as it is',
  } satisfies AgentErrorOptions);
}
