import { hostname } from 'node:os';
import type { Init, Logger, TelemetryReport } from '@limiquantix/plugin-sdk';
import { readOsInfo } from '@limiquantix/plugin-sdk/guest';
import type { Sources } from './sources.ts';

/** Composes reports. A source that cannot be read leaves its own fields out, and no other. */
export class Reporter {
  readonly #sources: Sources;
  readonly #log: Logger;
  /** They do not change while the guest is up. */
  readonly #os = readOsInfo();
  readonly #unreadable = new Set<string>();
  #inProgress: Promise<Init<TelemetryReport>> | undefined;

  constructor(sources: Sources, log: Logger) {
    this.#sources = sources;
    this.#log = log;
  }

  /** Takes a first sample, so that the first report is about the time since now. */
  prime(): void {
    this.#from('cpu', () => this.#sources.cpu());
  }

  /** Never fails. Whoever asks while one is composed gets that one. */
  report(): Promise<Init<TelemetryReport>> {
    this.#inProgress ??= this.#compose().finally(() => {
      this.#inProgress = undefined;
    });
    return this.#inProgress;
  }

  async #compose(): Promise<Init<TelemetryReport>> {
    const sources = this.#sources;
    // The disks answer while the rest is read.
    const disks = this.#eventually('disks', sources.disks());
    const cpu = this.#from('cpu', () => sources.cpu());
    const addresses = this.#from('addresses', () => sources.addresses());
    const load = this.#from('load', () => sources.load());
    const memory = this.#from('memory', () => sources.memory());
    const host = this.#from('hostname', hostname);
    const bootedAt = cpu?.bootedAt;
    return {
      cpuUsagePercent: cpu?.percent,
      cpuCorePercent: cpu?.cores,
      memoryTotalBytes: memory?.memoryTotalBytes,
      memoryUsedBytes: memory?.memoryUsedBytes,
      memoryAvailableBytes: memory?.memoryAvailableBytes,
      swapTotalBytes: memory?.swapTotalBytes,
      swapUsedBytes: memory?.swapUsedBytes,
      interfaces: this.#from('interfaces', () => sources.interfaces(addresses ?? [])),
      ipAddresses: addresses?.map(({ address }) => address),
      loadAvg1: load?.[0],
      loadAvg5: load?.[1],
      loadAvg15: load?.[2],
      processCount: this.#from('processes', () => sources.processCount()),
      uptimeSeconds: this.#from('uptime', () => sources.uptime()),
      hostname: host,
      os: {
        ...this.#os,
        hostname: host,
        lastBoot: bootedAt === undefined ? undefined : { seconds: bootedAt },
      },
      disks: await disks,
    };
  }

  #from<T>(source: string, read: () => T): T | undefined {
    try {
      return this.#present(source, read());
    } catch (error) {
      return this.#missing(source, error);
    }
  }

  #eventually<T>(source: string, value: Promise<T>): Promise<T | undefined> {
    return value.then(
      (settled) => this.#present(source, settled),
      (error) => this.#missing(source, error),
    );
  }

  #present<T>(source: string, value: T): T {
    this.#unreadable.delete(source);
    return value;
  }

  /** Said once, and again when it came back and was lost anew. */
  #missing(source: string, error: unknown): undefined {
    if (this.#unreadable.has(source)) return;
    this.#unreadable.add(source);
    this.#log.warn('reports lack a source that cannot be read', { source, error });
  }
}
