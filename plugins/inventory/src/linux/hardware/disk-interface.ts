import { basename } from 'node:path/posix';
import type { SystemFiles } from '../system-files.ts';

/**
 * What a disk is attached by: `virtio`, `nvme`, `sata`, `ide`, `usb`, `mmc`, `xen`, `scsi`; empty
 * where none of them.
 * @param name `sda`
 * @param path of its device in sysfs
 */
export async function diskInterface(
  files: SystemFiles,
  name: string,
  path: string,
): Promise<string> {
  const [, controller] = /^(.*)\/ata\d+\//.exec(path) ?? [];
  if (controller !== undefined) {
    return ataInterface(basename(await files.target(`${controller}/driver`)));
  }
  return INTERFACES.find(([pattern]) => pattern.test(`${path}/${name}`))?.[1] ?? '';
}

/** In this order: a USB disk is a SCSI disk too, and some SCSI controllers are virtio devices. */
const INTERFACES: readonly (readonly [pattern: RegExp, is: string])[] = [
  [/\/nvme[^/]*$/, 'nvme'],
  [/\/mmcblk[^/]*$/, 'mmc'],
  [/\/hd[a-z]$/, 'ide'],
  [/\/usb\d+\//, 'usb'],
  [/\/vbd-\d+\//, 'xen'],
  [/\/host\d+\//, 'scsi'],
  [/\/virtio\d+\//, 'virtio'],
];

/** The kernel drives both by one library, and does not say which it is. */
function ataInterface(driver: string): string {
  return /^(ata_|pata_)/.test(driver) ? 'ide' : 'sata';
}

const HYPERVISORS =
  /QEMU|VMware|VBOX|VirtualBox|Msft|Virtual|Xen|Google PersistentDisk|Amazon Elastic/i;

/**
 * Whether a hypervisor plays the disk: by its bus, or by the names it gives. One that was
 * passed through to the guest is real.
 */
export function isEmulated(path: string, names: string): boolean {
  return /\/(virtio\d+|vbd-\d+|VMBUS:\d+)(\/|$)/.test(path) || HYPERVISORS.test(names);
}
