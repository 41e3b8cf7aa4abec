import { basename } from 'node:path/posix';
import type { GpuInfo, Init } from '@limiquantix/plugin-sdk';
import type { SystemFiles } from '../system-files.ts';
import type { AskNvidia } from './nvidia-gpus.ts';
import { type PciId, readPciId } from './pci.ts';
import { type PciName, readPciNames } from './pci-names.ts';

interface Adapter {
  readonly address: string;
  readonly id: PciId;
  readonly driver: string;
}

/** PCI's base class of display controllers. */
const DISPLAY = '0x03';
/** Bounds the answer. */
const MAX_GPUS = 64;

/** @param addresses of everything on the PCI bus */
export async function readGpus(
  files: SystemFiles,
  addresses: readonly string[],
  askNvidia: AskNvidia,
): Promise<Init<GpuInfo>[]> {
  const adapters = await displayAdapters(files, addresses);
  if (adapters.length === 0) return [];
  const nameOf = await readPciNames(
    files,
    adapters.map(({ id }) => id),
  );
  const nvidia = adapters.some(({ driver }) => driver === 'nvidia') ? await askNvidia() : [];
  return Promise.all(
    adapters.map(async (adapter) => {
      const { address, driver, id } = adapter;
      const own = nvidia.find((gpu) => address.endsWith(gpu.pciAddress));
      return {
        ...named(id, nameOf(id)),
        driverVersion: own?.driverVersion || (await driverVersion(files, driver)),
        vramBytes: own?.vramBytes || (await vramBytes(files, adapter)),
        pciAddress: address,
      };
    }),
  );
}

async function displayAdapters(
  files: SystemFiles,
  addresses: readonly string[],
): Promise<Adapter[]> {
  const adapters: Adapter[] = [];
  for (const address of addresses) {
    const directory = `/sys/bus/pci/devices/${address}`;
    if (!(await files.text(`${directory}/class`)).startsWith(DISPLAY)) continue;
    const driver = basename(await files.target(`${directory}/driver`));
    adapters.push({ address, id: await readPciId(files, directory), driver });
    if (adapters.length === MAX_GPUS) break;
  }
  return adapters;
}

/** The numbers where the guest has no names for them. */
function named({ vendor, device }: PciId, name: PciName | undefined): Init<GpuInfo> {
  return { name: name?.device || `${vendor}:${device}`, vendor: name?.vendor ?? vendor };
}

/** Only drivers from elsewhere have one: those of the kernel are of the kernel's version. */
async function driverVersion(files: SystemFiles, driver: string): Promise<string> {
  return driver === '' ? '' : files.text(`/sys/module/${driver}/version`);
}

/** AMD, Intel, NVIDIA: what the bus shows of their memory is a window of another size. */
const WINDOWED = new Set(['1002', '8086', '10de']);
/** Smaller regions are registers. */
const SMALLEST_MEMORY = 1024 * 1024;
/** IORESOURCE_PREFETCH: what may be read ahead is memory. */
const PREFETCHABLE = 0x2000n;

async function vramBytes(files: SystemFiles, { address, id }: Adapter): Promise<number> {
  const directory = `/sys/bus/pci/devices/${address}`;
  const told = Number(await files.text(`${directory}/mem_info_vram_total`));
  if (told > 0) return told;
  if (WINDOWED.has(id.vendor)) return 0;
  const largest = Math.max(0, ...regions(await files.text(`${directory}/resource`)));
  return largest < SMALLEST_MEMORY ? 0 : largest;
}

/** Sizes in bytes of the regions that a device has as memory. */
function regions(resource: string): number[] {
  const rows = resource.matchAll(/^(0x[0-9a-f]{1,16}) (0x[0-9a-f]{1,16}) (0x[0-9a-f]{1,16})$/gm);
  return [...rows]
    .map((row) => row.slice(1).map(BigInt) as [start: bigint, end: bigint, flags: bigint])
    .filter(([start, end, flags]) => end > start && (flags & PREFETCHABLE) !== 0n)
    .map(([start, end]) => Number(end - start) + 1);
}
