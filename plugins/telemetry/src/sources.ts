import type { DiskUsage, Init, InterfaceInfo, TelemetryReport } from '@limiquantix/plugin-sdk';
import type { GuestAddress } from '@limiquantix/plugin-sdk/guest';

/** What a report takes from the platform. Each throws where it cannot be read. */
export interface Sources {
  cpu(): {
    /** 0 to 100, since the last report. */
    readonly percent: number;
    readonly cores: readonly number[];
    /** Seconds since the epoch. */
    readonly bootedAt: number | undefined;
  };
  memory(): Pick<
    Init<TelemetryReport>,
    | 'memoryTotalBytes'
    | 'memoryUsedBytes'
    | 'memoryAvailableBytes'
    | 'swapTotalBytes'
    | 'swapUsedBytes'
  >;
  disks(): Promise<readonly Init<DiskUsage>[]>;
  /** Those under which the guest can be reached, of all its interfaces. */
  addresses(): readonly GuestAddress[];
  interfaces(addresses: readonly GuestAddress[]): readonly Init<InterfaceInfo>[];
  /** Averages over 1, 5 and 15 minutes. */
  load(): readonly number[];
  processCount(): number;
  /** Whole seconds since the guest booted. */
  uptime(): number;
  /** Gives back descriptors; what is read later takes them again. */
  close(): void;
}
