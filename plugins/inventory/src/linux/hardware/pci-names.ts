import { lineBatches } from '../line-batches.ts';
import type { SystemFiles } from '../system-files.ts';
import type { PciId } from './pci.ts';

export interface PciName {
  readonly vendor: string;
  readonly device: string;
}

/** Where distributions put the names of the PCI database, if they are installed at all. */
const PLACES = ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids'] as const;

/** Of a vendor, or with a tab before it of one of its devices. */
const ENTRY = /^(\t?)([0-9a-f]{4}) {2}(.+)$/;

/** @returns the names of those of the ids that the guest has names for */
export async function readPciNames(
  files: SystemFiles,
  ids: readonly PciId[],
): Promise<(id: PciId) => PciName | undefined> {
  const wanted = new Set(ids.flatMap(({ vendor, device }) => [vendor, vendor + device]));
  for (const place of PLACES) {
    try {
      const names = await search(files.path(place), wanted);
      return ({ vendor, device }) => {
        const name = names.get(vendor);
        return name === undefined
          ? undefined
          : { vendor: name, device: names.get(vendor + device) ?? '' };
      };
    } catch {
      // The next place, or none has it.
    }
  }
  return () => undefined;
}

/** @param wanted vendors, and vendors with devices */
async function search(path: string, wanted: ReadonlySet<string>): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  let vendor = '';
  for await (const lines of lineBatches(path)) {
    for (const line of lines) {
      const [, tab, id, name] = ENTRY.exec(line) ?? [];
      if (id === undefined || name === undefined) continue;
      if (!tab) vendor = id;
      const key = tab ? vendor + id : vendor;
      if (wanted.has(key)) names.set(key, name.trim());
    }
  }
  return names;
}
