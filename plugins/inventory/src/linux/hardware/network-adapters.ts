import { basename } from 'node:path/posix';
import type { Init, NetworkAdapterInfo } from '@limiquantix/plugin-sdk';
import { isGuestInterface } from '@limiquantix/plugin-sdk/guest';
import type { SystemFiles } from '../system-files.ts';
import { isEmulatedPci, pciAddressIn } from './pci.ts';

/** Bounds the answer. */
const MAX_ADAPTERS = 256;

/** ARPHRD_* of the kernel. */
const ETHERNET = '1';
const LOOPBACK = '772';

/** Paravirtual ones of Hyper-V and Xen, which are on no PCI bus. */
const VIRTUAL_BUS =
  /\/(virtio\d+|VMBUS:\d+|vif-\d+)(\/|$)|\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The guest's adapters, without loopback and without what was made for containers.
 * @param details with driver, speed and place, which not every reader needs
 */
export async function readNetworkAdapters(
  files: SystemFiles,
  details: boolean,
): Promise<Init<NetworkAdapterInfo>[]> {
  const adapters: Init<NetworkAdapterInfo>[] = [];
  for (const name of (await files.names('/sys/class/net')).filter(isGuestInterface)) {
    if (adapters.length === MAX_ADAPTERS) break;
    const directory = `/sys/class/net/${name}`;
    const hardware = await files.text(`${directory}/type`);
    // A file of the bonding driver lies there too.
    if (hardware === '' || hardware === LOOPBACK) continue;
    const device = await files.target(`${directory}/device`);
    const pciAddress = pciAddressIn(device);
    adapters.push({
      name,
      macAddress: await files.text(`${directory}/address`),
      adapterType: await adapterType(files, directory, { device, hardware }),
      isVirtual:
        device === '' || VIRTUAL_BUS.test(device) || (await isEmulatedPci(files, pciAddress)),
      ...(details && {
        speedMbps: speed(await files.text(`${directory}/speed`)),
        driver: basename(await files.target(`${directory}/device/driver`)),
        pciAddress,
      }),
    });
  }
  return adapters;
}

/** What no device stands behind is virtual: a bridge, a bond, a VLAN, a tunnel. */
async function adapterType(
  files: SystemFiles,
  directory: string,
  { device, hardware }: { readonly device: string; readonly hardware: string },
): Promise<string> {
  if (device === '') return 'virtual';
  const names = await files.names(directory);
  if (names.includes('wireless') || names.includes('phy80211')) return 'wifi';
  return hardware === ETHERNET ? 'ethernet' : '';
}

/** Without a link it is -1, on old kernels the same without its sign, or cannot be read. */
function speed(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
