import type { BiosInfo, Init } from '@limiquantix/plugin-sdk';
import type { SystemFiles } from '../system-files.ts';

/** What makers leave where a value should be. */
const PLACEHOLDER =
  /^(to be filled by o\.?e\.?m\.?|default string|not (specified|applicable|available)|none|unknown|n\/a|system (serial number|product name|manufacturer)|0+)$/i;

/** From the firmware's tables; a machine without them may have a device tree. */
export async function readBios(files: SystemFiles): Promise<Init<BiosInfo>> {
  const of = async (name: string) => meant(await files.text(`/sys/class/dmi/id/${name}`));
  const node = async (name: string) => meant(await files.text(`/proc/device-tree/${name}`));
  return {
    vendor: await of('bios_vendor'),
    version: await of('bios_version'),
    releaseDate: await of('bios_date'),
    systemManufacturer: await of('sys_vendor'),
    systemProduct: (await of('product_name')) || (await node('model')),
    systemSerial: (await of('product_serial')) || (await node('serial-number')),
    systemUuid: (await of('product_uuid')).toLowerCase(),
  };
}

function meant(text: string): string {
  return PLACEHOLDER.test(text) ? '' : text;
}
