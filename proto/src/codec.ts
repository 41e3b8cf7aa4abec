import type { Codec } from './codec-type.ts';
import type { AgentEvent, AnyEvent } from './event.ts';
import * as E from './event.ts';
import * as C from './gen/codec.ts';
import type { Init } from './init.ts';
import type { AnyMethod, Method } from './method.ts';
import * as Me from './method.ts';
import { WireReader } from './wire-reader.ts';
import { createWriter } from './wire-writer.ts';

export { type Envelope, type EnvelopeHead, isMessageId, openEnvelope } from './envelope.ts';
export { AgentError as AgentErrorCodec } from './gen/codec.ts';
export { type SealedFrame, seal } from './seal.ts';
export type { Codec };

// biome-ignore lint/suspicious/noExplicitAny: rows of different types in one table
type AnyCodec = Codec<any>;

const METHOD_CODECS = new Map<AnyMethod, readonly [request: AnyCodec, response: AnyCodec]>([
  [Me.Ping, [C.PingRequest, C.PongResponse]],
  [Me.Execute, [C.ExecuteRequest, C.ExecuteResponse]],
  [Me.FileWrite, [C.FileWriteRequest, C.FileWriteResponse]],
  [Me.FileRead, [C.FileReadRequest, C.FileReadResponse]],
  [Me.Shutdown, [C.ShutdownRequest, C.ShutdownResponse]],
  [Me.ResetPassword, [C.ResetPasswordRequest, C.ResetPasswordResponse]],
  [Me.ConfigureNetwork, [C.ConfigureNetworkRequest, C.ConfigureNetworkResponse]],
  [Me.Quiesce, [C.QuiesceRequest, C.QuiesceResponse]],
  [Me.Thaw, [C.ThawRequest, C.ThawResponse]],
  [Me.SyncTime, [C.SyncTimeRequest, C.SyncTimeResponse]],
  [Me.ListDirectory, [C.ListDirectoryRequest, C.ListDirectoryResponse]],
  [Me.CreateDirectory, [C.CreateDirectoryRequest, C.CreateDirectoryResponse]],
  [Me.FileDelete, [C.FileDeleteRequest, C.FileDeleteResponse]],
  [Me.FileStat, [C.FileStatRequest, C.FileStatResponse]],
  [Me.DisplayResize, [C.DisplayResizeRequest, C.DisplayResizeResponse]],
  [Me.ClipboardUpdate, [C.ClipboardUpdateRequest, C.ClipboardUpdateResponse]],
  [Me.ClipboardGet, [C.ClipboardGetRequest, C.ClipboardGetResponse]],
  [Me.ListProcesses, [C.ListProcessesRequest, C.ListProcessesResponse]],
  [Me.KillProcess, [C.KillProcessRequest, C.KillProcessResponse]],
  [Me.ListServices, [C.ListServicesRequest, C.ListServicesResponse]],
  [Me.ServiceControl, [C.ServiceControlRequest, C.ServiceControlResponse]],
  [Me.GetHardwareInfo, [C.GetHardwareInfoRequest, C.GetHardwareInfoResponse]],
  [Me.ListInstalledSoftware, [C.ListInstalledSoftwareRequest, C.ListInstalledSoftwareResponse]],
  [Me.AgentUpdate, [C.AgentUpdateRequest, C.AgentUpdateResponse]],
  [Me.GetCapabilities, [C.GetCapabilitiesRequest, C.GetCapabilitiesResponse]],
  [Me.Cancel, [C.CancelRequest, C.CancelResponse]],
  [Me.PluginCall, [C.PluginCallRequest, C.PluginCallResponse]],
  [Me.ListPlugins, [C.ListPluginsRequest, C.ListPluginsResponse]],
  [Me.PluginControl, [C.PluginControlRequest, C.PluginControlResponse]],
]);

const EVENT_CODECS = new Map<AnyEvent, AnyCodec>([
  [E.Telemetry, C.TelemetryReport],
  [E.AgentReady, C.AgentReadyEvent],
  [E.ErrorReport, C.ErrorEvent],
  [E.ClipboardChanged, C.ClipboardChangedEvent],
  [E.PluginEmitted, C.PluginEvent],
  [E.PluginStateChanged, C.PluginStateEvent],
]);

export function requestCodec<Req, Res>(method: Method<Req, Res>): Codec<Req> {
  return (METHOD_CODECS.get(method) as readonly [Codec<Req>, Codec<Res>])[0];
}

export function responseCodec<Req, Res>(method: Method<Req, Res>): Codec<Res> {
  return (METHOD_CODECS.get(method) as readonly [Codec<Req>, Codec<Res>])[1];
}

export function eventCodec<T>(event: AgentEvent<T>): Codec<T> {
  return EVENT_CODECS.get(event) as Codec<T>;
}

/** @throws Error where the bytes are not such a message, or cost more than a frame may */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  return codec.read(new WireReader(bytes));
}

export function encode<T>(codec: Codec<T>, message: Init<T>): Uint8Array {
  const writer = createWriter();
  codec.write(message, writer);
  return writer.finish();
}
