import type { SystemFiles } from '../system-files.ts';

/** Four hexadecimal digits each. */
export interface PciId {
  readonly vendor: string;
  readonly device: string;
}

/** @param directory of a device on the bus */
export async function readPciId(files: SystemFiles, directory: string): Promise<PciId> {
  return {
    vendor: digits(await files.text(`${directory}/vendor`)),
    device: digits(await files.text(`${directory}/device`)),
  };
}

/** `0000:00:03.0` of the last PCI device on a path of sysfs; empty where there is none. */
export function pciAddressIn(path: string): string {
  return path.match(/(?<=\/)[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7](?=\/|$)/g)?.at(-1) ?? '';
}

/**
 * Whether a hypervisor plays the device: its maker, or whoever put a maker's device into
 * this machine, makes hypervisors.
 * @param address of the device
 */
export async function isEmulatedPci(files: SystemFiles, address: string): Promise<boolean> {
  if (address === '') return false;
  const directory = `/sys/bus/pci/devices/${address}`;
  const makers = [
    await files.text(`${directory}/vendor`),
    await files.text(`${directory}/subsystem_vendor`),
  ];
  return makers.some((maker) => HYPERVISORS.has(digits(maker)));
}

/** Red Hat (virtio, and QEMU's subsystems), QEMU, VMware, VirtualBox, Xen, Google, Amazon. */
const HYPERVISORS = new Set(['1af4', '1b36', '1234', '15ad', '80ee', '5853', '1ae0', '1d0f']);

/** `0x1af4` */
function digits(text: string): string {
  return /^0x([0-9a-f]{4})$/i.exec(text)?.[1]?.toLowerCase() ?? '';
}
