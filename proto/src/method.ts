import type * as M from './gen/messages.ts';

/**
 * Which of the agent's limits a request counts against. `none` is never limited:
 * what an operator needs when everything else is stuck. So is what `control` holds, apart from
 * those that wait for each other there: no request of another class keeps it waiting.
 */
export type LimitClass = 'none' | 'control' | 'general' | 'execution' | 'file';

/** How a response type says that it failed, besides its `error` text. */
export type FailureForm = 'success' | 'accepted' | 'exit_code' | 'event';

declare const types: unique symbol;

/** A request of the host and its answer. Plain data: the codecs stay with who encodes. */
export interface Method<Request, Response> {
  /** The payload's name in AgentMessage: `execute`. */
  readonly name: string;
  /** Field numbers in AgentMessage. */
  readonly request: number;
  readonly response: number;
  /** What GetCapabilities calls it; undefined: always there. */
  readonly capability: string | undefined;
  readonly limit: LimitClass;
  readonly failure: FailureForm;
  /** A `bytes` field of the request or response that is sent without being copied. */
  readonly bulk: Bulk;
  readonly [types]?: [Request, Response];
}

interface Bulk {
  readonly request?: BulkField;
  readonly response?: BulkField;
}

/** Name and number of a `bytes` field. */
export interface BulkField {
  readonly name: string;
  readonly number: number;
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where the messages' types do not matter
export type AnyMethod = Method<any, any>;

export type RequestOf<T> = T extends Method<infer R, infer _> ? R : never;
export type ResponseOf<T> = T extends Method<infer _, infer R> ? R : never;

// So a plugin's bundle has those that it uses, and no other.
/* @__NO_SIDE_EFFECTS__ */
function method<Request, Response>(
  name: string,
  request: number,
  options: Partial<Pick<AnyMethod, 'capability' | 'limit' | 'failure' | 'bulk'>> = {},
): Method<Request, Response> {
  return Object.freeze({
    name,
    request,
    // Every answer's number is its request's plus 40.
    response: request + 40,
    capability: options.capability,
    limit: options.limit ?? 'general',
    failure: options.failure ?? 'success',
    bulk: options.bulk ?? {},
  });
}

const unlimited = { limit: 'none' } as const;
/* @__NO_SIDE_EFFECTS__ */
const file = (capability: string, bulk: Bulk = {}) =>
  ({ capability, limit: 'file', bulk }) as const;

export const Ping: Method<M.PingRequest, M.PongResponse> = method('ping', 10, {
  limit: 'none',
  failure: 'event',
});
export const Execute: Method<M.ExecuteRequest, M.ExecuteResponse> = method('execute', 11, {
  capability: 'execute',
  limit: 'execution',
  failure: 'exit_code',
});
export const FileWrite: Method<M.FileWriteRequest, M.FileWriteResponse> = method(
  'file_write',
  12,
  file('file_write', { request: { name: 'data', number: 2 } }),
);
export const FileRead: Method<M.FileReadRequest, M.FileReadResponse> = method(
  'file_read',
  13,
  file('file_read', { response: { name: 'data', number: 2 } }),
);
/** Its capabilities are `shutdown` and, for the reboot type, `reboot`. */
export const Shutdown: Method<M.ShutdownRequest, M.ShutdownResponse> = method('shutdown', 14, {
  capability: 'shutdown',
  limit: 'control',
  failure: 'accepted',
});
export const ResetPassword: Method<M.ResetPasswordRequest, M.ResetPasswordResponse> = method(
  'reset_password',
  15,
  { capability: 'reset_password' },
);
export const ConfigureNetwork: Method<M.ConfigureNetworkRequest, M.ConfigureNetworkResponse> =
  method('configure_network', 16, { capability: 'configure_network' });
export const Quiesce: Method<M.QuiesceRequest, M.QuiesceResponse> = method('quiesce', 17, {
  capability: 'quiesce',
});
export const Thaw: Method<M.ThawRequest, M.ThawResponse> = method('thaw', 18, {
  capability: 'thaw',
  limit: 'none',
});
export const SyncTime: Method<M.SyncTimeRequest, M.SyncTimeResponse> = method('sync_time', 19, {
  capability: 'sync_time',
});
export const ListDirectory: Method<M.ListDirectoryRequest, M.ListDirectoryResponse> = method(
  'list_directory',
  20,
  file('file_list'),
);
export const CreateDirectory: Method<M.CreateDirectoryRequest, M.CreateDirectoryResponse> = method(
  'create_directory',
  21,
  file('directory_create'),
);
export const FileDelete: Method<M.FileDeleteRequest, M.FileDeleteResponse> = method(
  'file_delete',
  22,
  file('file_delete'),
);
export const FileStat: Method<M.FileStatRequest, M.FileStatResponse> = method(
  'file_stat',
  23,
  file('file_stat'),
);
export const DisplayResize: Method<M.DisplayResizeRequest, M.DisplayResizeResponse> = method(
  'display_resize',
  24,
  { capability: 'display_resize' },
);
export const ClipboardUpdate: Method<M.ClipboardUpdateRequest, M.ClipboardUpdateResponse> = method(
  'clipboard_update',
  25,
  { capability: 'clipboard_write', bulk: { request: { name: 'data', number: 2 } } },
);
export const ClipboardGet: Method<M.ClipboardGetRequest, M.ClipboardGetResponse> = method(
  'clipboard_get',
  26,
  { capability: 'clipboard_read', bulk: { response: { name: 'data', number: 3 } } },
);
export const ListProcesses: Method<M.ListProcessesRequest, M.ListProcessesResponse> = method(
  'list_processes',
  27,
  { capability: 'process_list' },
);
export const KillProcess: Method<M.KillProcessRequest, M.KillProcessResponse> = method(
  'kill_process',
  28,
  { capability: 'process_kill' },
);
export const ListServices: Method<M.ListServicesRequest, M.ListServicesResponse> = method(
  'list_services',
  29,
  { capability: 'service_list' },
);
export const ServiceControl: Method<M.ServiceControlRequest, M.ServiceControlResponse> = method(
  'service_control',
  30,
  { capability: 'service_control' },
);
export const GetHardwareInfo: Method<M.GetHardwareInfoRequest, M.GetHardwareInfoResponse> = method(
  'get_hardware_info',
  31,
  { capability: 'hardware_info' },
);
export const ListInstalledSoftware: Method<
  M.ListInstalledSoftwareRequest,
  M.ListInstalledSoftwareResponse
> = method('list_installed_software', 32, { capability: 'software_list' });
export const AgentUpdate: Method<M.AgentUpdateRequest, M.AgentUpdateResponse> = method(
  'agent_update',
  33,
  { capability: 'self_update', bulk: { request: { name: 'binaryData', number: 2 } } },
);
export const GetCapabilities: Method<M.GetCapabilitiesRequest, M.GetCapabilitiesResponse> = method(
  'get_capabilities',
  34,
  { limit: 'none', failure: 'event' },
);
export const Cancel: Method<M.CancelRequest, M.CancelResponse> = method('cancel', 40, unlimited);
export const PluginCall: Method<M.PluginCallRequest, M.PluginCallResponse> = method(
  'plugin_call',
  41,
  {
    bulk: { request: { name: 'payload', number: 3 }, response: { name: 'payload', number: 2 } },
  },
);
export const ListPlugins: Method<M.ListPluginsRequest, M.ListPluginsResponse> = method(
  'list_plugins',
  42,
  unlimited,
);
export const PluginControl: Method<M.PluginControlRequest, M.PluginControlResponse> = method(
  'plugin_control',
  43,
  { limit: 'control' },
);

export const METHODS: readonly AnyMethod[] = [
  Ping,
  Execute,
  FileWrite,
  FileRead,
  Shutdown,
  ResetPassword,
  ConfigureNetwork,
  Quiesce,
  Thaw,
  SyncTime,
  ListDirectory,
  CreateDirectory,
  FileDelete,
  FileStat,
  DisplayResize,
  ClipboardUpdate,
  ClipboardGet,
  ListProcesses,
  KillProcess,
  ListServices,
  ServiceControl,
  GetHardwareInfo,
  ListInstalledSoftware,
  AgentUpdate,
  GetCapabilities,
  Cancel,
  PluginCall,
  ListPlugins,
  PluginControl,
];

const BY_REQUEST = methodsBy((method) => method.request);
const BY_NAME = methodsBy((method) => method.name);

/* @__NO_SIDE_EFFECTS__ */
function methodsBy<Key>(key: (method: AnyMethod) => Key): ReadonlyMap<Key, AnyMethod> {
  return new Map(METHODS.map((method) => [key(method), method]));
}

export function methodOfRequest(field: number): AnyMethod | undefined {
  return BY_REQUEST.get(field);
}

export function methodByName(name: string): AnyMethod | undefined {
  return BY_NAME.get(name);
}
