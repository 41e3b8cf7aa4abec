import type { Init, PartitionInfo } from '@limiquantix/plugin-sdk';
import type { SystemFiles } from '../system-files.ts';
import { deviceNode, sizeBytes } from './block-device.ts';
import type { MountTable } from './mount-table.ts';
import { readUdevFacts } from './udev.ts';
import type { UsedBytes } from './used-bytes.ts';

export interface FilesystemSources {
  readonly mounts: MountTable;
  readonly used: UsedBytes;
}

/** Bounds the answer: a disk can hold thousands of logical volumes. */
const MAX_ROWS = 256;

/**
 * What is on a disk: its partitions, each followed by what was made of it (encrypted, logical
 * and RAID volumes), and the disk itself where it holds a filesystem without partitions.
 * @param disk `sda`
 */
export async function readPartitions(
  files: SystemFiles,
  disk: string,
  sources: FilesystemSources,
): Promise<Init<PartitionInfo>[]> {
  const reader = new Reader(files, sources);
  const directory = `/sys/block/${disk}`;
  await reader.add(disk, directory, { onlyIfUsed: true });
  for (const name of await files.names(directory)) {
    if (!name.startsWith(disk) || !(await files.text(`${directory}/${name}/partition`))) continue;
    await reader.add(name, `${directory}/${name}`);
  }
  return reader.rows;
}

class Reader {
  readonly rows: Init<PartitionInfo>[] = [];
  readonly #seen = new Set<string>();
  readonly #files: SystemFiles;
  readonly #sources: FilesystemSources;

  constructor(files: SystemFiles, sources: FilesystemSources) {
    this.#files = files;
    this.#sources = sources;
  }

  /** A block device, and the volumes that were made of it. */
  async add(name: string, directory: string, { onlyIfUsed = false } = {}): Promise<void> {
    if (this.#seen.has(name) || this.rows.length === MAX_ROWS) return;
    this.#seen.add(name);
    const row = await this.#row(name, directory);
    if (!onlyIfUsed || row.filesystem) this.rows.push(row);
    for (const holder of await this.#files.names(`${directory}/holders`)) {
      await this.add(holder, `/sys/block/${holder}`);
    }
  }

  async #row(name: string, directory: string): Promise<Init<PartitionInfo>> {
    const node = deviceNode(name);
    const mapped = await this.#files.text(`${directory}/dm/name`);
    const device = mapped ? `/dev/mapper/${mapped}` : node;
    const number = await this.#files.text(`${directory}/dev`);
    const { filesystem, label } = await readUdevFacts(this.#files, number);
    const mounted = this.#sources.mounts.of(number, [device, node]);
    return {
      device,
      mountPoint: mounted?.mountPoint,
      filesystem: mounted?.filesystem ?? filesystem,
      sizeBytes: await sizeBytes(this.#files, directory),
      usedBytes: mounted?.reachable ? await this.#sources.used.of(mounted.mountPoint) : undefined,
      label,
    };
  }
}
