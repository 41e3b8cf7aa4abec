import type { Codec } from './codec-type.ts';
import type { AgentEvent } from './event.ts';
import * as E from './event.ts';
import * as C from './gen/codec.ts';
import type { Init } from './init.ts';
import type { Method } from './method.ts';
import * as Me from './method.ts';
import { WireReader } from './wire-reader.ts';
import { createWriter } from './wire-writer.ts';

export { type Envelope, type EnvelopeHead, isMessageId, openEnvelope } from './envelope.ts';
export { AgentError as AgentErrorCodec } from './gen/codec.ts';
export { type SealedFrame, seal } from './seal.ts';
export type { Codec };

// biome-ignore lint/suspicious/noExplicitAny: rows of different types in one table
type AnyCodec = Codec<any>;

// Keyed by number, not by descriptor: each plugin's bundle has its own copy of those.
const METHOD_CODECS = new Map<number, readonly [request: AnyCodec, response: AnyCodec]>([
  [Me.Ping.request, [C.PingRequest, C.PongResponse]],
  [Me.Execute.request, [C.ExecuteRequest, C.ExecuteResponse]],
  [Me.FileWrite.request, [C.FileWriteRequest, C.FileWriteResponse]],
  [Me.FileRead.request, [C.FileReadRequest, C.FileReadResponse]],
  [Me.Shutdown.request, [C.ShutdownRequest, C.ShutdownResponse]],
  [Me.ResetPassword.request, [C.ResetPasswordRequest, C.ResetPasswordResponse]],
  [Me.ConfigureNetwork.request, [C.ConfigureNetworkRequest, C.ConfigureNetworkResponse]],
  [Me.Quiesce.request, [C.QuiesceRequest, C.QuiesceResponse]],
  [Me.Thaw.request, [C.ThawRequest, C.ThawResponse]],
  [Me.SyncTime.request, [C.SyncTimeRequest, C.SyncTimeResponse]],
  [Me.ListDirectory.request, [C.ListDirectoryRequest, C.ListDirectoryResponse]],
  [Me.CreateDirectory.request, [C.CreateDirectoryRequest, C.CreateDirectoryResponse]],
  [Me.FileDelete.request, [C.FileDeleteRequest, C.FileDeleteResponse]],
  [Me.FileStat.request, [C.FileStatRequest, C.FileStatResponse]],
  [Me.DisplayResize.request, [C.DisplayResizeRequest, C.DisplayResizeResponse]],
  [Me.ClipboardUpdate.request, [C.ClipboardUpdateRequest, C.ClipboardUpdateResponse]],
  [Me.ClipboardGet.request, [C.ClipboardGetRequest, C.ClipboardGetResponse]],
  [Me.ListProcesses.request, [C.ListProcessesRequest, C.ListProcessesResponse]],
  [Me.KillProcess.request, [C.KillProcessRequest, C.KillProcessResponse]],
  [Me.ListServices.request, [C.ListServicesRequest, C.ListServicesResponse]],
  [Me.ServiceControl.request, [C.ServiceControlRequest, C.ServiceControlResponse]],
  [Me.GetHardwareInfo.request, [C.GetHardwareInfoRequest, C.GetHardwareInfoResponse]],
  [
    Me.ListInstalledSoftware.request,
    [C.ListInstalledSoftwareRequest, C.ListInstalledSoftwareResponse],
  ],
  [Me.AgentUpdate.request, [C.AgentUpdateRequest, C.AgentUpdateResponse]],
  [Me.GetCapabilities.request, [C.GetCapabilitiesRequest, C.GetCapabilitiesResponse]],
  [Me.Cancel.request, [C.CancelRequest, C.CancelResponse]],
  [Me.PluginCall.request, [C.PluginCallRequest, C.PluginCallResponse]],
  [Me.ListPlugins.request, [C.ListPluginsRequest, C.ListPluginsResponse]],
  [Me.PluginControl.request, [C.PluginControlRequest, C.PluginControlResponse]],
]);

const EVENT_CODECS = new Map<number, AnyCodec>([
  [E.Telemetry.field, C.TelemetryReport],
  [E.AgentReady.field, C.AgentReadyEvent],
  [E.ErrorReport.field, C.ErrorEvent],
  [E.ClipboardChanged.field, C.ClipboardChangedEvent],
  [E.PluginEmitted.field, C.PluginEvent],
  [E.PluginStateChanged.field, C.PluginStateEvent],
]);

export function requestCodec<Req, Res>(method: Method<Req, Res>): Codec<Req> {
  return (METHOD_CODECS.get(method.request) as readonly [Codec<Req>, Codec<Res>])[0];
}

export function responseCodec<Req, Res>(method: Method<Req, Res>): Codec<Res> {
  return (METHOD_CODECS.get(method.request) as readonly [Codec<Req>, Codec<Res>])[1];
}

export function eventCodec<T>(event: AgentEvent<T>): Codec<T> {
  return EVENT_CODECS.get(event.field) as Codec<T>;
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
