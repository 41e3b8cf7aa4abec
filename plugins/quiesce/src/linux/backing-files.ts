import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Mount } from '@limiquantix/plugin-sdk/guest';

/** Mappings on mappings on partitions; no real stack is as high. */
const MAX_DEPTH = 8;

/**
 * The files that a filesystem's device consists of in the end: that of a loop device, also
 * below partitions, encryption and logical volumes. Empty for real disks.
 * @param sysfs where sysfs is mounted; it and /dev are in memory, so this never blocks
 */
export function backingFiles({ deviceNumber, device }: Mount, sysfs = '/sys'): string[] {
  try {
    const number = deviceNumber.startsWith('0:') ? numberOf(device) : deviceNumber;
    return filesBelow(realpathSync(join(sysfs, 'dev/block', number)), MAX_DEPTH);
  } catch {
    // No such device, or none that sysfs knows: then there is nothing to look for.
    return [];
  }
}

function filesBelow(device: string, depth: number): string[] {
  if (depth === 0) return [];
  const disk = existsSync(join(device, 'partition')) ? dirname(device) : device;
  const file = contentOf(join(disk, 'loop/backing_file'));
  if (file !== undefined) return [file];
  const slaves = join(disk, 'slaves');
  if (!existsSync(slaves)) return [];
  return readdirSync(slaves).flatMap((name) =>
    filesBelow(realpathSync(join(slaves, name)), depth - 1),
  );
}

/** The kernel marks a file that was deleted and lives on. */
function contentOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  return readFileSync(path, 'utf8')
    .replace(/\n$/, '')
    .replace(/ \(deleted\)$/, '');
}

/** `7:0` of `/dev/loop0`: a filesystem that can span devices has a number of its own. */
function numberOf(device: string): string {
  const rdev = statSync(device, { bigint: true }).rdev;
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}
