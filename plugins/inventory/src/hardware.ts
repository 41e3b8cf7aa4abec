import { machine } from 'node:os';
import type {
  BiosInfo,
  CpuInfo,
  GetHardwareInfoRequest,
  GpuInfo,
  HardwareInfo,
  Init,
  Logger,
} from '@limiquantix/plugin-sdk';
import { Cached } from './cached.ts';
import { readBios } from './linux/hardware/bios.ts';
import { readCpuIdentity } from './linux/hardware/cpu.ts';
import { type CpuCaches, readCpuCaches } from './linux/hardware/cpu-caches.ts';
import type { CpuIdentity } from './linux/hardware/cpu-info.ts';
import { parseCpuList } from './linux/hardware/cpu-list.ts';
import { type CpuTopology, readCpuTopology } from './linux/hardware/cpu-topology.ts';
import { readDisks } from './linux/hardware/disks.ts';
import { readGpus } from './linux/hardware/gpus.ts';
import { readMemory } from './linux/hardware/memory.ts';
import { type MemoryModules, memoryModules } from './linux/hardware/memory-modules.ts';
import { readNetworkAdapters } from './linux/hardware/network-adapters.ts';
import { type AskNvidia, askNvidia, type NvidiaGpu } from './linux/hardware/nvidia-gpus.ts';
import { readInstallTime, readOs } from './linux/hardware/os.ts';
import { UsedBytes } from './linux/hardware/used-bytes.ts';
import { SystemFiles } from './linux/system-files.ts';

export interface HardwareOptions {
  /** How long is kept what changes only with the machine. */
  readonly cacheMs: number;
  readonly log: Logger;
  /** Aborted when nobody will ask again. */
  readonly signal: AbortSignal;
  readonly files?: SystemFiles;
  readonly used?: UsedBytes;
  readonly askNvidia?: AskNvidia;
}

/** What is the same as long as the guest is up. */
interface Constants {
  readonly identity: CpuIdentity;
  readonly modules: MemoryModules;
  readonly bios: Init<BiosInfo>;
  /** Milliseconds since the epoch. */
  readonly installTime: number | undefined;
}

/**
 * The guest's hardware. What can be plugged in or fills up is read anew each time: disks,
 * adapters, free memory. The rest is kept, CPUs and GPUs as long as they are the same ones.
 */
export class Hardware {
  readonly #log: Logger;
  readonly #files: SystemFiles;
  readonly #used: UsedBytes;
  readonly #askNvidia: AskNvidia;
  readonly #constants: Cached<Constants>;
  readonly #topology: Cached<CpuTopology>;
  readonly #caches: Cached<CpuCaches>;
  readonly #gpus: Cached<readonly Init<GpuInfo>[]>;

  constructor({ cacheMs, log, signal, ...sources }: HardwareOptions) {
    this.#log = log;
    this.#files = sources.files ?? new SystemFiles();
    this.#used = sources.used ?? new UsedBytes();
    this.#askNvidia = sources.askNvidia ?? (() => askNvidia(signal));
    this.#constants = new Cached(cacheMs);
    this.#topology = new Cached(cacheMs);
    this.#caches = new Cached(cacheMs);
    this.#gpus = new Cached(cacheMs);
  }

  /** What cannot be read is empty: it never fails for want of a source. */
  async describe(request: GetHardwareInfoRequest): Promise<Init<HardwareInfo>> {
    const files = this.#files;
    const { identity, modules, bios, installTime } = await this.#constants.get('', () =>
      readConstants(files),
    );
    const [cpu, disks, networkAdapters, os, gpus] = await Promise.all([
      this.#describeCpu(identity, request.includeCpuDetails),
      readDisks(files, request.includeDiskDetails ? this.#used : undefined),
      readNetworkAdapters(files, request.includeNetworkDetails),
      readOs(files, installTime),
      this.#describeGpus(),
    ]);
    return { cpu, memory: readMemory(modules), disks, networkAdapters, bios, os, gpus };
  }

  async #describeCpu(identity: CpuIdentity, details: boolean): Promise<Init<CpuInfo>> {
    const files = this.#files;
    const online = await files.text('/sys/devices/system/cpu/online');
    const cpus = parseCpuList(online);
    const topology = await this.#topology.get(online, () => readCpuTopology(files, cpus));
    const { model, vendor, mhz, flags } = identity;
    const about = { ...topology, model, vendor, frequencyMhz: mhz, architecture: machine() };
    if (!details) return about;
    const { l1, l2, l3 } = await this.#caches.get(online, () => readCpuCaches(files, cpus));
    return { ...about, flags, l1CacheBytes: l1, l2CacheBytes: l2, l3CacheBytes: l3 };
  }

  async #describeGpus(): Promise<readonly Init<GpuInfo>[]> {
    const addresses = await this.#files.names('/sys/bus/pci/devices');
    return this.#gpus.get(addresses.join(), () =>
      readGpus(this.#files, addresses, () => this.#tryNvidia()),
    );
  }

  /** Without it the memory of the adapters is unknown, and no more than that. */
  async #tryNvidia(): Promise<readonly NvidiaGpu[]> {
    try {
      return await this.#askNvidia();
    } catch (error) {
      this.#log.warn('the driver of NVIDIA could not be asked', { error });
      return [];
    }
  }
}

async function readConstants(files: SystemFiles): Promise<Constants> {
  return {
    identity: await readCpuIdentity(files),
    modules: memoryModules(await files.bytes('/sys/firmware/dmi/tables/DMI')),
    bios: await readBios(files),
    installTime: await readInstallTime(files),
  };
}
