import type { SystemFiles } from '../system-files.ts';

/** Whatever a device's own sectors are, the kernel counts these. */
const SECTOR_BYTES = 512;

/** @param directory of the device below /sys/block */
export async function sizeBytes(files: SystemFiles, directory: string): Promise<number> {
  return (Number(await files.text(`${directory}/size`)) || 0) * SECTOR_BYTES;
}

/** A slash in a device's name is a `!` in sysfs: `/dev/cciss/c0d0`. */
export function deviceNode(name: string): string {
  return `/dev/${name.replaceAll('!', '/')}`;
}
