import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { AgentError } from '@limiquantix/plugin-sdk';
import { brief } from '../errors.ts';
import { pin } from './pin.ts';

export interface RegularFile {
  readonly handle: FileHandle;
  /** As of just before it was opened. */
  readonly stats: BigIntStats;
}

/**
 * Opens an existing file, through links.
 * @throws AgentError NOT_A_FILE for anything but a regular file, without opening it
 */
export async function openRegularFile(path: string, flags: number): Promise<RegularFile> {
  using pinned = await pin(path);
  const stats = await pinned.stat();
  if (!stats.isFile()) {
    throw new AgentError('NOT_A_FILE', {
      detail: `${brief(path)} is ${kindOf(stats)}`,
      resolution: 'Give the path of a regular file',
    });
  }
  return { handle: await pinned.open(flags), stats };
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return stats.isCharacterDevice() ? 'a character device' : 'a block device';
}
