import type { DiskInfo, Init } from '@limiquantix/plugin-sdk';
import type { SystemFiles } from '../system-files.ts';
import { deviceNode, sizeBytes } from './block-device.ts';
import { diskInterface, isEmulated } from './disk-interface.ts';
import { readMountTable } from './mount-table.ts';
import { readPartitions } from './partitions.ts';
import { readUdevFacts } from './udev.ts';
import type { UsedBytes } from './used-bytes.ts';

/** Bounds the answer. */
const MAX_DISKS = 256;

/**
 * Optical and floppy drives, the boot areas of a memory card, and a path of an NVMe disk
 * that has several: none of them is a disk.
 */
const NO_DISK = /^(sr|fd)\d+$|^mmcblk\d+(boot\d+|rpmb|gp\d+)$|^nvme\d+c\d+n\d+$/;

/** @param used undefined: without partitions */
export async function readDisks(
  files: SystemFiles,
  used: UsedBytes | undefined,
): Promise<Init<DiskInfo>[]> {
  const mounts = used && (await readMountTable(files));
  const disks: Init<DiskInfo>[] = [];
  for (const name of await files.names('/sys/block')) {
    if (NO_DISK.test(name) || disks.length === MAX_DISKS) continue;
    const disk = await readDisk(files, name);
    if (!disk) continue;
    const partitions = mounts && used && (await readPartitions(files, name, { mounts, used }));
    disks.push({ ...disk, partitions });
  }
  return disks;
}

/** @returns undefined for what is made of other devices or of memory, and for an empty drive */
async function readDisk(files: SystemFiles, name: string): Promise<Init<DiskInfo> | undefined> {
  const directory = `/sys/block/${name}`;
  const path = await files.target(`${directory}/device`);
  const size = await sizeBytes(files, directory);
  if (path === '' || size === 0) return undefined;
  const of = (attribute: string) => files.text(`${directory}/${attribute}`);
  const model = (await of('device/model')) || (await of('device/name'));
  const vendor = await of('device/vendor');
  return {
    device: deviceNode(name),
    model,
    serial: await serialOf(files, directory),
    sizeBytes: size,
    diskType: diskType(name, await of('queue/rotational')),
    interface: await diskInterface(files, name, path),
    isVirtual: isEmulated(path, `${vendor} ${model}`),
  };
}

function diskType(name: string, rotational: string): string {
  if (name.startsWith('nvme')) return 'NVMe';
  return { 0: 'SSD', 1: 'HDD' }[rotational] ?? '';
}

/** That of virtio, that of NVMe and memory cards, what a SCSI disk says, what udev asked for. */
async function serialOf(files: SystemFiles, directory: string): Promise<string> {
  const own = await files.text(`${directory}/serial`);
  if (own) return own;
  const device = await files.text(`${directory}/device/serial`);
  if (device) return device;
  const page = await files.bytes(`${directory}/device/vpd_pg80`);
  const unit = page
    .toString('latin1', 4)
    .replace(/[^\x21-\x7e]+/g, ' ')
    .trim();
  if (unit) return unit;
  return (await readUdevFacts(files, await files.text(`${directory}/dev`))).serial;
}
