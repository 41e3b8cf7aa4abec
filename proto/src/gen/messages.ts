// Generated from limiquantix/agent/v1/agent.proto by `npm run generate`; do not edit.

/** A 64-bit counter: a number while that is exact, else a bigint. */
export type Uint64 = number | bigint;

export const ErrorCategory: { readonly UNSPECIFIED: 0; readonly TRANSPORT: 1; readonly PROTOCOL: 2; readonly EXECUTION: 3; readonly FILE_OPERATION: 4; readonly LIFECYCLE: 5; readonly DESKTOP: 6; readonly PROCESS_SERVICE: 7; readonly SECURITY: 8; readonly INTERNAL: 9 } = {
  UNSPECIFIED: 0,
  TRANSPORT: 1,
  PROTOCOL: 2,
  EXECUTION: 3,
  FILE_OPERATION: 4,
  LIFECYCLE: 5,
  DESKTOP: 6,
  PROCESS_SERVICE: 7,
  SECURITY: 8,
  INTERNAL: 9,
};
/** A value of {@link ErrorCategory}; proto3 enums are open, so other numbers arrive too. */
export type ErrorCategory = number;

/** Why it failed, where the code tells only what did: several of them stand for every failure of an operation. For programs; a host that does not know a reason has the code. */
export const ErrorReason: { readonly UNSPECIFIED: 0; readonly INVALID: 1; readonly NOT_FOUND: 2; readonly DENIED: 3; readonly CONFLICT: 4; readonly UNSUPPORTED: 5; readonly CANCELLED: 6 } = {
  UNSPECIFIED: 0,
  INVALID: 1,
  NOT_FOUND: 2,
  DENIED: 3,
  CONFLICT: 4,
  UNSUPPORTED: 5,
  CANCELLED: 6,
};
/** A value of {@link ErrorReason}; proto3 enums are open, so other numbers arrive too. */
export type ErrorReason = number;

export const ShutdownType: { readonly POWEROFF: 0; readonly REBOOT: 1; readonly HALT: 2 } = {
  POWEROFF: 0,
  REBOOT: 1,
  HALT: 2,
};
/** A value of {@link ShutdownType}; proto3 enums are open, so other numbers arrive too. */
export type ShutdownType = number;

export const ClipboardType: { readonly TEXT: 0; readonly IMAGE: 1; readonly FILES: 2; readonly HTML: 3 } = {
  TEXT: 0,
  IMAGE: 1,
  FILES: 2,
  HTML: 3,
};
/** A value of {@link ClipboardType}; proto3 enums are open, so other numbers arrive too. */
export type ClipboardType = number;

export const ServiceAction: { readonly START: 0; readonly STOP: 1; readonly RESTART: 2; readonly ENABLE: 3; readonly DISABLE: 4; readonly STATUS: 5 } = {
  START: 0,
  STOP: 1,
  RESTART: 2,
  ENABLE: 3,
  DISABLE: 4,
  STATUS: 5,
};
/** A value of {@link ServiceAction}; proto3 enums are open, so other numbers arrive too. */
export type ServiceAction = number;

export const InterfaceState: { readonly UNKNOWN: 0; readonly UP: 1; readonly DOWN: 2 } = {
  UNKNOWN: 0,
  UP: 1,
  DOWN: 2,
};
/** A value of {@link InterfaceState}; proto3 enums are open, so other numbers arrive too. */
export type InterfaceState = number;

export const ErrorSeverity: { readonly WARNING: 0; readonly ERROR: 1; readonly CRITICAL: 2 } = {
  WARNING: 0,
  ERROR: 1,
  CRITICAL: 2,
};
/** A value of {@link ErrorSeverity}; proto3 enums are open, so other numbers arrive too. */
export type ErrorSeverity = number;

export const UpdateState: { readonly IDLE: 0; readonly DOWNLOADING: 1; readonly VERIFYING: 2; readonly APPLYING: 3; readonly COMPLETE: 4; readonly FAILED: 5; readonly ROLLING_BACK: 6 } = {
  IDLE: 0,
  DOWNLOADING: 1,
  VERIFYING: 2,
  APPLYING: 3,
  COMPLETE: 4,
  FAILED: 5,
  ROLLING_BACK: 6,
};
/** A value of {@link UpdateState}; proto3 enums are open, so other numbers arrive too. */
export type UpdateState = number;

export const PluginState: { readonly UNKNOWN: 0; readonly DISABLED: 1; readonly UNSUPPORTED: 2; readonly READY: 3; readonly ACTIVE: 4; readonly DRAINING: 5; readonly FAILED: 6 } = {
  UNKNOWN: 0,
  DISABLED: 1,
  UNSUPPORTED: 2,
  READY: 3,
  ACTIVE: 4,
  DRAINING: 5,
  FAILED: 6,
};
/** A value of {@link PluginState}; proto3 enums are open, so other numbers arrive too. */
export type PluginState = number;

export const PluginAction: { readonly RELOAD: 0; readonly ENABLE: 1; readonly DISABLE: 2; readonly ROLLBACK: 3 } = {
  RELOAD: 0,
  ENABLE: 1,
  DISABLE: 2,
  ROLLBACK: 3,
};
/** A value of {@link PluginAction}; proto3 enums are open, so other numbers arrive too. */
export type PluginAction = number;

export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

export interface AgentMessage {
  /** UUID; a response repeats its request's */
  readonly messageId: string;
  readonly timestamp?: Timestamp | undefined;
  /** set on every response that failed */
  readonly errorInfo?: AgentError | undefined;
  /** Requests, host to guest */
  readonly ping?: PingRequest | undefined;
  readonly execute?: ExecuteRequest | undefined;
  readonly fileWrite?: FileWriteRequest | undefined;
  readonly fileRead?: FileReadRequest | undefined;
  readonly shutdown?: ShutdownRequest | undefined;
  readonly resetPassword?: ResetPasswordRequest | undefined;
  readonly configureNetwork?: ConfigureNetworkRequest | undefined;
  readonly quiesce?: QuiesceRequest | undefined;
  readonly thaw?: ThawRequest | undefined;
  readonly syncTime?: SyncTimeRequest | undefined;
  readonly listDirectory?: ListDirectoryRequest | undefined;
  readonly createDirectory?: CreateDirectoryRequest | undefined;
  readonly fileDelete?: FileDeleteRequest | undefined;
  readonly fileStat?: FileStatRequest | undefined;
  readonly displayResize?: DisplayResizeRequest | undefined;
  readonly clipboardUpdate?: ClipboardUpdateRequest | undefined;
  readonly clipboardGet?: ClipboardGetRequest | undefined;
  readonly listProcesses?: ListProcessesRequest | undefined;
  readonly killProcess?: KillProcessRequest | undefined;
  readonly listServices?: ListServicesRequest | undefined;
  readonly serviceControl?: ServiceControlRequest | undefined;
  readonly getHardwareInfo?: GetHardwareInfoRequest | undefined;
  readonly listInstalledSoftware?: ListInstalledSoftwareRequest | undefined;
  readonly agentUpdate?: AgentUpdateRequest | undefined;
  readonly getCapabilities?: GetCapabilitiesRequest | undefined;
  /** Extensions, host to guest */
  readonly cancel?: CancelRequest | undefined;
  readonly pluginCall?: PluginCallRequest | undefined;
  readonly listPlugins?: ListPluginsRequest | undefined;
  readonly pluginControl?: PluginControlRequest | undefined;
  /** Responses, guest to host */
  readonly pong?: PongResponse | undefined;
  readonly executeResponse?: ExecuteResponse | undefined;
  readonly fileWriteResponse?: FileWriteResponse | undefined;
  readonly fileReadResponse?: FileReadResponse | undefined;
  readonly shutdownResponse?: ShutdownResponse | undefined;
  readonly resetPasswordResponse?: ResetPasswordResponse | undefined;
  readonly configureNetworkResponse?: ConfigureNetworkResponse | undefined;
  readonly quiesceResponse?: QuiesceResponse | undefined;
  readonly thawResponse?: ThawResponse | undefined;
  readonly syncTimeResponse?: SyncTimeResponse | undefined;
  readonly listDirectoryResponse?: ListDirectoryResponse | undefined;
  readonly createDirectoryResponse?: CreateDirectoryResponse | undefined;
  readonly fileDeleteResponse?: FileDeleteResponse | undefined;
  readonly fileStatResponse?: FileStatResponse | undefined;
  readonly displayResizeResponse?: DisplayResizeResponse | undefined;
  readonly clipboardUpdateResponse?: ClipboardUpdateResponse | undefined;
  readonly clipboardGetResponse?: ClipboardGetResponse | undefined;
  readonly listProcessesResponse?: ListProcessesResponse | undefined;
  readonly killProcessResponse?: KillProcessResponse | undefined;
  readonly listServicesResponse?: ListServicesResponse | undefined;
  readonly serviceControlResponse?: ServiceControlResponse | undefined;
  readonly hardwareInfoResponse?: GetHardwareInfoResponse | undefined;
  readonly listInstalledSoftwareResponse?: ListInstalledSoftwareResponse | undefined;
  readonly agentUpdateResponse?: AgentUpdateResponse | undefined;
  readonly getCapabilitiesResponse?: GetCapabilitiesResponse | undefined;
  /** Extensions, guest to host */
  readonly cancelResponse?: CancelResponse | undefined;
  readonly pluginCallResponse?: PluginCallResponse | undefined;
  readonly listPluginsResponse?: ListPluginsResponse | undefined;
  readonly pluginControlResponse?: PluginControlResponse | undefined;
  /** Events, guest to host, unsolicited */
  readonly telemetry?: TelemetryReport | undefined;
  readonly agentReady?: AgentReadyEvent | undefined;
  readonly error?: ErrorEvent | undefined;
  readonly clipboardChanged?: ClipboardChangedEvent | undefined;
  /** Extension events */
  readonly pluginEvent?: PluginEvent | undefined;
  readonly pluginState?: PluginStateEvent | undefined;
}

/** The structured form of "QXGA-4001: ..."; the same text without structure is in the response's own `error` string, for hosts that read only that. */
export interface AgentError {
  /** 4001 */
  readonly code: number;
  readonly category: ErrorCategory;
  /** "FILE_NOT_FOUND" */
  readonly name: string;
  readonly message: string;
  readonly context: string;
  readonly resolution: string;
  readonly reason: ErrorReason;
}

export interface PingRequest {
  readonly sequence: Uint64;
  /** AgentReady comes once more, before the answer */
  readonly greet?: boolean | undefined;
}

export interface PongResponse {
  readonly sequence: Uint64;
  readonly version: string;
  /** of the agent */
  readonly uptimeSeconds: Uint64;
}

export interface ExecuteRequest {
  /** without args: a command line; with args: the program */
  readonly command: string;
  readonly args: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** 0: the configured maximum */
  readonly timeoutSeconds: number;
  readonly runAsUser: string;
  readonly runAsGroup: string;
  /** absent: true */
  readonly includeSupplementaryGroups?: boolean | undefined;
  readonly stdin: Uint8Array;
  /** of each stream; 0: 1 MiB */
  readonly maxOutputBytes: number;
}

export interface ExecuteResponse {
  /** -1 where the command did not start or was killed */
  readonly exitCode: number;
  /** valid UTF-8; what is not is replaced by U+FFFD */
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: Uint64;
  readonly timedOut: boolean;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  readonly error: string;
  /** that ended it; 0: none */
  readonly signal: number;
}

export interface FileWriteRequest {
  readonly path: string;
  readonly data: Uint8Array;
  readonly offset: Uint64;
  readonly truncate: boolean;
  /** absent: the existing file's, else 0644 */
  readonly mode?: number | undefined;
  readonly createParents: boolean;
  /** on stable storage before the answer */
  readonly sync: boolean;
  /** of data, as zlib has it; absent: not checked */
  readonly dataCrc32?: number | undefined;
}

export interface FileWriteResponse {
  readonly success: boolean;
  readonly bytesWritten: Uint64;
  readonly error: string;
}

export interface FileReadRequest {
  readonly path: string;
  readonly offset: Uint64;
  /** 0: one configured chunk */
  readonly maxBytes: number;
}

export interface FileReadResponse {
  readonly success: boolean;
  readonly data: Uint8Array;
  readonly eof: boolean;
  readonly totalSize: Uint64;
  readonly offset: Uint64;
  readonly error: string;
  readonly mode: number;
  readonly modifiedAt?: Timestamp | undefined;
}

export interface ListDirectoryRequest {
  readonly path: string;
  readonly includeHidden: boolean;
  readonly maxEntries: number;
  readonly continuationToken: string;
}

export interface ListDirectoryResponse {
  readonly success: boolean;
  readonly entries: readonly DirectoryEntry[];
  /** empty on the last page */
  readonly continuationToken: string;
  readonly error: string;
  readonly totalEntries: number;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly path: string;
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
  readonly symlinkTarget: string;
  readonly sizeBytes: Uint64;
  readonly mode: number;
  readonly modifiedAt?: Timestamp | undefined;
  readonly createdAt?: Timestamp | undefined;
  readonly owner: string;
  readonly group: string;
  /** only where the name is not valid UTF-8 */
  readonly nameBytes: Uint8Array;
}

export interface CreateDirectoryRequest {
  readonly path: string;
  readonly createParents: boolean;
  /** absent: 0755 */
  readonly mode?: number | undefined;
}

export interface CreateDirectoryResponse {
  readonly success: boolean;
  readonly error: string;
}

export interface FileDeleteRequest {
  readonly path: string;
  readonly recursive: boolean;
}

export interface FileDeleteResponse {
  readonly success: boolean;
  readonly error: string;
}

export interface FileStatRequest {
  readonly path: string;
}

export interface FileStatResponse {
  readonly success: boolean;
  readonly entry?: DirectoryEntry | undefined;
  readonly error: string;
}

export interface ShutdownRequest {
  readonly type: ShutdownType;
  readonly delaySeconds: number;
  readonly message: string;
}

export interface ShutdownResponse {
  readonly accepted: boolean;
  readonly error: string;
}

export interface ResetPasswordRequest {
  readonly username: string;
  readonly newPassword: string;
  readonly expire: boolean;
}

export interface ResetPasswordResponse {
  readonly success: boolean;
  readonly error: string;
}

export interface ConfigureNetworkRequest {
  readonly interface: string;
  readonly ipAddress: string;
  /** "255.255.255.0", or a prefix length */
  readonly netmask: string;
  readonly gateway: string;
  readonly dnsServers: readonly string[];
  readonly dhcp: boolean;
}

export interface ConfigureNetworkResponse {
  readonly success: boolean;
  readonly error: string;
  /** "netplan", "networkmanager", "netsh", ... */
  readonly backend: string;
}

export interface QuiesceRequest {
  /** none: every writable local filesystem */
  readonly mountPoints: readonly string[];
  /** thawed by itself after this; 0: 60 */
  readonly timeoutSeconds: number;
  readonly skipScripts: boolean;
}

export interface FrozenFilesystem {
  readonly mountPoint: string;
  readonly device: string;
  readonly filesystem: string;
  readonly frozen: boolean;
  readonly error: string;
}

export interface QuiesceResponse {
  readonly success: boolean;
  readonly frozen: readonly FrozenFilesystem[];
  readonly error: string;
  readonly quiesceToken: string;
  readonly autoThawAt?: Timestamp | undefined;
}

export interface ThawRequest {
  readonly quiesceToken: string;
  readonly mountPoints: readonly string[];
  readonly skipScripts: boolean;
}

export interface ThawResponse {
  readonly success: boolean;
  readonly thawedMountPoints: readonly string[];
  readonly error: string;
  readonly frozenDurationMs: Uint64;
}

export interface SyncTimeRequest {
  readonly force: boolean;
  readonly setTime?: Timestamp | undefined;
}

export interface SyncTimeResponse {
  readonly success: boolean;
  readonly offsetSeconds: number;
  readonly currentTime?: Timestamp | undefined;
  /** "chrony", "systemd-timesyncd", "ntpd", "w32time", "manual" */
  readonly timeSource: string;
  readonly error: string;
}

export interface DisplayResizeRequest {
  readonly width: number;
  readonly height: number;
  readonly dpi: number;
  readonly displayId: string;
}

export interface DisplayResizeResponse {
  readonly success: boolean;
  readonly actualWidth: number;
  readonly actualHeight: number;
  readonly error: string;
}

export interface ClipboardUpdateRequest {
  readonly type: ClipboardType;
  readonly data: Uint8Array;
  readonly mimeType: string;
}

export interface ClipboardUpdateResponse {
  readonly success: boolean;
  readonly error: string;
}

export interface ClipboardGetRequest {
  readonly preferredType: ClipboardType;
}

export interface ClipboardGetResponse {
  readonly success: boolean;
  readonly type: ClipboardType;
  readonly data: Uint8Array;
  readonly mimeType: string;
  readonly error: string;
}

export interface ClipboardChangedEvent {
  readonly type: ClipboardType;
  readonly data: Uint8Array;
  readonly mimeType: string;
}

export interface ListProcessesRequest {
  readonly filter: string;
  readonly includeThreads: boolean;
  readonly maxEntries: number;
}

export interface ProcessInfo {
  readonly pid: number;
  readonly ppid: number;
  readonly name: string;
  readonly commandLine: string;
  readonly user: string;
  readonly cpuPercent: number;
  readonly memoryBytes: Uint64;
  /** "running", "sleeping", "stopped", "zombie", ... */
  readonly state: string;
  readonly startedAt?: Timestamp | undefined;
  readonly threadCount: number;
  readonly workingDirectory: string;
  readonly threads: readonly ThreadInfo[];
}

export interface ThreadInfo {
  readonly tid: number;
  readonly name: string;
  readonly state: string;
}

export interface ListProcessesResponse {
  readonly success: boolean;
  readonly processes: readonly ProcessInfo[];
  readonly error: string;
}

export interface KillProcessRequest {
  readonly pid: number;
  readonly signal: number;
}

export interface KillProcessResponse {
  readonly success: boolean;
  readonly error: string;
}

export interface ListServicesRequest {
  readonly filter: string;
  readonly includeDisabled: boolean;
}

export interface ServiceInfo {
  readonly name: string;
  readonly displayName: string;
  /** "running", "stopped", "starting", "stopping", "failed" */
  readonly state: string;
  /** "auto", "manual", "disabled" */
  readonly startType: string;
  readonly description: string;
  readonly pid: number;
  readonly memoryBytes: Uint64;
}

export interface ListServicesResponse {
  readonly success: boolean;
  readonly services: readonly ServiceInfo[];
  readonly error: string;
}

export interface ServiceControlRequest {
  readonly name: string;
  readonly action: ServiceAction;
}

export interface ServiceControlResponse {
  readonly success: boolean;
  readonly newState: string;
  readonly error: string;
}

export interface GetHardwareInfoRequest {
  readonly includeCpuDetails: boolean;
  readonly includeDiskDetails: boolean;
  readonly includeNetworkDetails: boolean;
}

export interface GetHardwareInfoResponse {
  readonly success: boolean;
  readonly hardware?: HardwareInfo | undefined;
  readonly error: string;
}

export interface HardwareInfo {
  readonly cpu?: CpuInfo | undefined;
  readonly memory?: MemoryInfo | undefined;
  readonly disks: readonly DiskInfo[];
  readonly networkAdapters: readonly NetworkAdapterInfo[];
  readonly bios?: BiosInfo | undefined;
  readonly os?: OsInfo | undefined;
  readonly gpus: readonly GpuInfo[];
}

export interface CpuInfo {
  readonly model: string;
  /** physical */
  readonly cores: number;
  /** logical */
  readonly threads: number;
  readonly frequencyMhz: number;
  readonly architecture: string;
  readonly flags: readonly string[];
  readonly vendor: string;
  readonly sockets: number;
  readonly l1CacheBytes: Uint64;
  readonly l2CacheBytes: Uint64;
  readonly l3CacheBytes: Uint64;
}

export interface MemoryInfo {
  readonly totalBytes: Uint64;
  readonly availableBytes: Uint64;
  readonly memoryType: string;
  readonly speedMhz: number;
  readonly dimmCount: number;
}

export interface DiskInfo {
  readonly device: string;
  readonly model: string;
  readonly serial: string;
  readonly sizeBytes: Uint64;
  /** "HDD", "SSD", "NVMe" */
  readonly diskType: string;
  readonly interface: string;
  readonly isVirtual: boolean;
  readonly partitions: readonly PartitionInfo[];
}

export interface PartitionInfo {
  readonly device: string;
  readonly mountPoint: string;
  readonly filesystem: string;
  readonly sizeBytes: Uint64;
  readonly usedBytes: Uint64;
  readonly label: string;
}

export interface NetworkAdapterInfo {
  readonly name: string;
  readonly macAddress: string;
  /** "ethernet", "wifi", "virtual" */
  readonly adapterType: string;
  readonly speedMbps: number;
  readonly isVirtual: boolean;
  readonly driver: string;
  readonly pciAddress: string;
}

export interface BiosInfo {
  readonly vendor: string;
  readonly version: string;
  readonly releaseDate: string;
  readonly systemManufacturer: string;
  readonly systemProduct: string;
  readonly systemSerial: string;
  readonly systemUuid: string;
}

export interface OsInfo {
  readonly name: string;
  readonly version: string;
  readonly build: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly installDate?: Timestamp | undefined;
  readonly lastBoot?: Timestamp | undefined;
  readonly hostname: string;
  readonly domain: string;
}

export interface GpuInfo {
  readonly name: string;
  readonly vendor: string;
  readonly driverVersion: string;
  readonly vramBytes: Uint64;
  readonly pciAddress: string;
}

export interface ListInstalledSoftwareRequest {
  readonly filter: string;
  readonly maxEntries: number;
}

export interface InstalledSoftware {
  readonly name: string;
  readonly version: string;
  readonly publisher: string;
  readonly installDate?: Timestamp | undefined;
  readonly sizeBytes: Uint64;
  /** "deb", "rpm", "apk", "msi", ... */
  readonly packageType: string;
  readonly architecture: string;
}

export interface ListInstalledSoftwareResponse {
  readonly success: boolean;
  readonly software: readonly InstalledSoftware[];
  readonly error: string;
  readonly totalCount: number;
}

export interface TelemetryReport {
  readonly cpuUsagePercent: number;
  readonly memoryTotalBytes: Uint64;
  readonly memoryUsedBytes: Uint64;
  readonly memoryAvailableBytes: Uint64;
  readonly swapTotalBytes: Uint64;
  readonly swapUsedBytes: Uint64;
  readonly disks: readonly DiskUsage[];
  readonly interfaces: readonly InterfaceInfo[];
  readonly loadAvg1: number;
  readonly loadAvg5: number;
  readonly loadAvg15: number;
  readonly processCount: number;
  /** of the guest */
  readonly uptimeSeconds: Uint64;
  readonly hostname: string;
  readonly cpuCorePercent: readonly number[];
  /** no loopback, no container bridges */
  readonly ipAddresses: readonly string[];
  readonly os?: OsInfo | undefined;
}

export interface DiskUsage {
  readonly mountPoint: string;
  readonly filesystem: string;
  readonly device: string;
  readonly totalBytes: Uint64;
  readonly usedBytes: Uint64;
  readonly availableBytes: Uint64;
  readonly usagePercent: number;
}

export interface InterfaceInfo {
  readonly name: string;
  readonly macAddress: string;
  /** CIDR notation */
  readonly ipv4Addresses: readonly string[];
  /** CIDR notation */
  readonly ipv6Addresses: readonly string[];
  readonly state: InterfaceState;
  readonly mtu: number;
  readonly rxBytes: Uint64;
  readonly txBytes: Uint64;
  readonly rxPackets: Uint64;
  readonly txPackets: Uint64;
}

export interface AgentReadyEvent {
  readonly version: string;
  readonly osName: string;
  readonly osVersion: string;
  readonly kernelVersion: string;
  readonly architecture: string;
  readonly hostname: string;
  readonly ipAddresses: readonly string[];
  readonly capabilities: readonly string[];
  readonly bootId: string;
  /** new for every connection of a host */
  readonly sessionId: string;
  /** why it runs with its minimal safe profile */
  readonly degraded?: AgentError | undefined;
}

/** Also the answer to a request that cannot be answered in its own type: one that did not decode, has no payload, or that no plugin handles. */
export interface ErrorEvent {
  readonly severity: ErrorSeverity;
  /** "QXGA-2002" */
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
}

export interface AgentUpdateRequest {
  readonly targetVersion: string;
  readonly binaryData: Uint8Array;
  /** from 0 */
  readonly chunkNumber: number;
  readonly isLastChunk: boolean;
  /** of the whole bundle, lower-case hex */
  readonly checksumSha256: string;
  readonly totalSize: Uint64;
  /** "" or "core": the agent itself; else a plugin's name */
  readonly component: string;
  /** detached, over the whole bundle */
  readonly signature: Uint8Array;
}

export interface AgentUpdateResponse {
  readonly success: boolean;
  readonly currentVersion: string;
  readonly error: string;
  readonly restartRequired: boolean;
  readonly progressPercent: number;
  readonly state: UpdateState;
  readonly component: string;
}

export type GetCapabilitiesRequest = Readonly<Record<never, never>>;

export interface GetCapabilitiesResponse {
  readonly version: string;
  readonly os: string;
  readonly architecture: string;
  readonly capabilities: readonly string[];
  readonly features: Readonly<Record<string, string>>;
  readonly buildTime: string;
  readonly buildCommit: string;
  readonly plugins: readonly PluginInfo[];
  readonly maxMessageBytes: number;
  readonly maxChunkBytes: number;
}

/** Stops the request that has this id; that request is then answered too. */
export interface CancelRequest {
  readonly messageId: string;
}

export interface CancelResponse {
  readonly success: boolean;
  readonly error: string;
}

export interface PluginInfo {
  readonly name: string;
  readonly version: string;
  readonly state: PluginState;
  readonly capabilities: readonly string[];
  readonly error: string;
  /** that a rollback would restore; empty: none */
  readonly previousVersion: string;
  readonly requestsServed: Uint64;
  readonly requestsFailed: Uint64;
  readonly thirdParty: boolean;
}

export type ListPluginsRequest = Readonly<Record<never, never>>;

export interface ListPluginsResponse {
  readonly success: boolean;
  readonly plugins: readonly PluginInfo[];
  readonly error: string;
}

export interface PluginControlRequest {
  readonly name: string;
  readonly action: PluginAction;
}

export interface PluginControlResponse {
  readonly success: boolean;
  readonly plugin?: PluginInfo | undefined;
  readonly error: string;
}

/** A method that a third-party plugin adds; its payload's type is the plugin's own. */
export interface PluginCallRequest {
  readonly plugin: string;
  readonly method: string;
  readonly payload: Uint8Array;
}

export interface PluginCallResponse {
  readonly success: boolean;
  readonly payload: Uint8Array;
  readonly error: string;
}

export interface PluginEvent {
  readonly plugin: string;
  readonly event: string;
  readonly payload: Uint8Array;
}

export interface PluginStateEvent {
  readonly plugin?: PluginInfo | undefined;
}
