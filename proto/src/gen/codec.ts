// Generated from limiquantix/agent/v1/agent.proto by `npm run generate`; do not edit.
import type * as M from './messages.ts';
import type { Init } from '../init.ts';
import type { Codec } from '../codec-type.ts';
import { NO_BYTES, stringMap, type WireReader } from '../wire-reader.ts';
import { type WireWriter, wireString, wireUint64 } from '../wire-writer.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

function readTimestamp(r: WireReader, m: Mutable<M.Timestamp> = {
  seconds: 0,
  nanos: 0,
}): Mutable<M.Timestamp> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.seconds = r.safeInt64();
        break;
      case 16:
        r.scalar();
        m.nanos = r.int32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readAgentError(r: WireReader, m: Mutable<M.AgentError> = {
  code: 0,
  category: 0,
  name: '',
  message: '',
  context: '',
  resolution: '',
  reason: 0,
}): Mutable<M.AgentError> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.code = r.uint32();
        break;
      case 16:
        r.scalar();
        m.category = r.int32();
        break;
      case 26:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 34:
        r.scalar();
        m.message = r.stringVerify();
        break;
      case 42:
        r.scalar();
        m.context = r.stringVerify();
        break;
      case 50:
        r.scalar();
        m.resolution = r.stringVerify();
        break;
      case 160:
        r.scalar();
        m.reason = r.int32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readPingRequest(r: WireReader, m: Mutable<M.PingRequest> = {
  sequence: 0,
  greet: undefined,
}): Mutable<M.PingRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.sequence = r.safeUint64();
        break;
      case 160:
        r.scalar();
        m.greet = r.bool();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readPongResponse(r: WireReader, m: Mutable<M.PongResponse> = {
  sequence: 0,
  version: '',
  uptimeSeconds: 0,
}): Mutable<M.PongResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.sequence = r.safeUint64();
        break;
      case 18:
        r.scalar();
        m.version = r.stringVerify();
        break;
      case 24:
        r.scalar();
        m.uptimeSeconds = r.safeUint64();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readExecuteRequest(r: WireReader, m: Mutable<M.ExecuteRequest> = {
  command: '',
  args: [],
  workingDirectory: '',
  environment: stringMap(),
  timeoutSeconds: 0,
  runAsUser: '',
  runAsGroup: '',
  includeSupplementaryGroups: undefined,
  stdin: NO_BYTES,
  maxOutputBytes: 0,
}): Mutable<M.ExecuteRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.command = r.stringVerify();
        break;
      case 18:
        r.element();
        m.args.push(r.stringVerify());
        break;
      case 26:
        r.scalar();
        m.workingDirectory = r.stringVerify();
        break;
      case 34:
        r.mapEntry(m.environment);
        break;
      case 40:
        r.scalar();
        m.timeoutSeconds = r.uint32();
        break;
      case 50:
        r.scalar();
        m.runAsUser = r.stringVerify();
        break;
      case 58:
        r.scalar();
        m.runAsGroup = r.stringVerify();
        break;
      case 64:
        r.scalar();
        m.includeSupplementaryGroups = r.bool();
        break;
      case 162:
        r.scalar();
        m.stdin = r.bytesView();
        break;
      case 168:
        r.scalar();
        m.maxOutputBytes = r.uint32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readExecuteResponse(r: WireReader, m: Mutable<M.ExecuteResponse> = {
  exitCode: 0,
  stdout: '',
  stderr: '',
  durationMs: 0,
  timedOut: false,
  stdoutTruncated: false,
  stderrTruncated: false,
  error: '',
  signal: 0,
}): Mutable<M.ExecuteResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.exitCode = r.int32();
        break;
      case 18:
        r.scalar();
        m.stdout = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.stderr = r.stringVerify();
        break;
      case 32:
        r.scalar();
        m.durationMs = r.safeUint64();
        break;
      case 40:
        r.scalar();
        m.timedOut = r.bool();
        break;
      case 160:
        r.scalar();
        m.stdoutTruncated = r.bool();
        break;
      case 168:
        r.scalar();
        m.stderrTruncated = r.bool();
        break;
      case 178:
        r.scalar();
        m.error = r.stringVerify();
        break;
      case 184:
        r.scalar();
        m.signal = r.int32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readFileWriteRequest(r: WireReader, m: Mutable<M.FileWriteRequest> = {
  path: '',
  data: NO_BYTES,
  offset: 0,
  truncate: false,
  mode: undefined,
  createParents: false,
  sync: false,
  dataCrc32: undefined,
}): Mutable<M.FileWriteRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.path = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.data = r.bytesView();
        break;
      case 24:
        r.scalar();
        m.offset = r.safeUint64();
        break;
      case 32:
        r.scalar();
        m.truncate = r.bool();
        break;
      case 40:
        r.scalar();
        m.mode = r.uint32();
        break;
      case 160:
        r.scalar();
        m.createParents = r.bool();
        break;
      case 168:
        r.scalar();
        m.sync = r.bool();
        break;
      case 176:
        r.scalar();
        m.dataCrc32 = r.uint32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readFileWriteResponse(r: WireReader, m: Mutable<M.FileWriteResponse> = {
  success: false,
  bytesWritten: 0,
  error: '',
}): Mutable<M.FileWriteResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 16:
        r.scalar();
        m.bytesWritten = r.safeUint64();
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readFileReadRequest(r: WireReader, m: Mutable<M.FileReadRequest> = {
  path: '',
  offset: 0,
  maxBytes: 0,
}): Mutable<M.FileReadRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.path = r.stringVerify();
        break;
      case 16:
        r.scalar();
        m.offset = r.safeUint64();
        break;
      case 24:
        r.scalar();
        m.maxBytes = r.uint32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readFileReadResponse(r: WireReader, m: Mutable<M.FileReadResponse> = {
  success: false,
  data: NO_BYTES,
  eof: false,
  totalSize: 0,
  offset: 0,
  error: '',
  mode: 0,
  modifiedAt: undefined,
}): Mutable<M.FileReadResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        r.scalar();
        m.data = r.bytesView();
        break;
      case 24:
        r.scalar();
        m.eof = r.bool();
        break;
      case 32:
        r.scalar();
        m.totalSize = r.safeUint64();
        break;
      case 40:
        r.scalar();
        m.offset = r.safeUint64();
        break;
      case 58:
        r.scalar();
        m.error = r.stringVerify();
        break;
      case 64:
        r.scalar();
        m.mode = r.uint32();
        break;
      case 74:
        {
          const outer = r.enter();
          m.modifiedAt = readTimestamp(r, m.modifiedAt as Mutable<M.Timestamp> | undefined);
          r.leave(outer);
        }
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readListDirectoryRequest(r: WireReader, m: Mutable<M.ListDirectoryRequest> = {
  path: '',
  includeHidden: false,
  maxEntries: 0,
  continuationToken: '',
}): Mutable<M.ListDirectoryRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.path = r.stringVerify();
        break;
      case 16:
        r.scalar();
        m.includeHidden = r.bool();
        break;
      case 24:
        r.scalar();
        m.maxEntries = r.uint32();
        break;
      case 34:
        r.scalar();
        m.continuationToken = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readListDirectoryResponse(r: WireReader, m: Mutable<M.ListDirectoryResponse> = {
  success: false,
  entries: [],
  continuationToken: '',
  error: '',
  totalEntries: 0,
}): Mutable<M.ListDirectoryResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        {
          const outer = r.enter();
          m.entries.push(readDirectoryEntry(r));
          r.leave(outer);
        }
        break;
      case 26:
        r.scalar();
        m.continuationToken = r.stringVerify();
        break;
      case 34:
        r.scalar();
        m.error = r.stringVerify();
        break;
      case 40:
        r.scalar();
        m.totalEntries = r.uint32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readDirectoryEntry(r: WireReader, m: Mutable<M.DirectoryEntry> = {
  name: '',
  path: '',
  isDirectory: false,
  isSymlink: false,
  symlinkTarget: '',
  sizeBytes: 0,
  mode: 0,
  modifiedAt: undefined,
  createdAt: undefined,
  owner: '',
  group: '',
  nameBytes: NO_BYTES,
}): Mutable<M.DirectoryEntry> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.path = r.stringVerify();
        break;
      case 24:
        r.scalar();
        m.isDirectory = r.bool();
        break;
      case 32:
        r.scalar();
        m.isSymlink = r.bool();
        break;
      case 42:
        r.scalar();
        m.symlinkTarget = r.stringVerify();
        break;
      case 48:
        r.scalar();
        m.sizeBytes = r.safeUint64();
        break;
      case 56:
        r.scalar();
        m.mode = r.uint32();
        break;
      case 66:
        {
          const outer = r.enter();
          m.modifiedAt = readTimestamp(r, m.modifiedAt as Mutable<M.Timestamp> | undefined);
          r.leave(outer);
        }
        break;
      case 74:
        {
          const outer = r.enter();
          m.createdAt = readTimestamp(r, m.createdAt as Mutable<M.Timestamp> | undefined);
          r.leave(outer);
        }
        break;
      case 82:
        r.scalar();
        m.owner = r.stringVerify();
        break;
      case 90:
        r.scalar();
        m.group = r.stringVerify();
        break;
      case 162:
        r.scalar();
        m.nameBytes = r.bytesView();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readCreateDirectoryRequest(r: WireReader, m: Mutable<M.CreateDirectoryRequest> = {
  path: '',
  createParents: false,
  mode: undefined,
}): Mutable<M.CreateDirectoryRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.path = r.stringVerify();
        break;
      case 16:
        r.scalar();
        m.createParents = r.bool();
        break;
      case 24:
        r.scalar();
        m.mode = r.uint32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readCreateDirectoryResponse(r: WireReader, m: Mutable<M.CreateDirectoryResponse> = {
  success: false,
  error: '',
}): Mutable<M.CreateDirectoryResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readFileDeleteRequest(r: WireReader, m: Mutable<M.FileDeleteRequest> = {
  path: '',
  recursive: false,
}): Mutable<M.FileDeleteRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.path = r.stringVerify();
        break;
      case 16:
        r.scalar();
        m.recursive = r.bool();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readFileDeleteResponse(r: WireReader, m: Mutable<M.FileDeleteResponse> = {
  success: false,
  error: '',
}): Mutable<M.FileDeleteResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readFileStatRequest(r: WireReader, m: Mutable<M.FileStatRequest> = {
  path: '',
}): Mutable<M.FileStatRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.path = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readFileStatResponse(r: WireReader, m: Mutable<M.FileStatResponse> = {
  success: false,
  entry: undefined,
  error: '',
}): Mutable<M.FileStatResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        {
          const outer = r.enter();
          m.entry = readDirectoryEntry(r, m.entry as Mutable<M.DirectoryEntry> | undefined);
          r.leave(outer);
        }
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readShutdownRequest(r: WireReader, m: Mutable<M.ShutdownRequest> = {
  type: 0,
  delaySeconds: 0,
  message: '',
}): Mutable<M.ShutdownRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.type = r.int32();
        break;
      case 16:
        r.scalar();
        m.delaySeconds = r.uint32();
        break;
      case 26:
        r.scalar();
        m.message = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readShutdownResponse(r: WireReader, m: Mutable<M.ShutdownResponse> = {
  accepted: false,
  error: '',
}): Mutable<M.ShutdownResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.accepted = r.bool();
        break;
      case 18:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readResetPasswordRequest(r: WireReader, m: Mutable<M.ResetPasswordRequest> = {
  username: '',
  newPassword: '',
  expire: false,
}): Mutable<M.ResetPasswordRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.username = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.newPassword = r.stringVerify();
        break;
      case 24:
        r.scalar();
        m.expire = r.bool();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readResetPasswordResponse(r: WireReader, m: Mutable<M.ResetPasswordResponse> = {
  success: false,
  error: '',
}): Mutable<M.ResetPasswordResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readConfigureNetworkRequest(r: WireReader, m: Mutable<M.ConfigureNetworkRequest> = {
  interface: '',
  ipAddress: '',
  netmask: '',
  gateway: '',
  dnsServers: [],
  dhcp: false,
}): Mutable<M.ConfigureNetworkRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.interface = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.ipAddress = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.netmask = r.stringVerify();
        break;
      case 34:
        r.scalar();
        m.gateway = r.stringVerify();
        break;
      case 42:
        r.element();
        m.dnsServers.push(r.stringVerify());
        break;
      case 48:
        r.scalar();
        m.dhcp = r.bool();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readConfigureNetworkResponse(r: WireReader, m: Mutable<M.ConfigureNetworkResponse> = {
  success: false,
  error: '',
  backend: '',
}): Mutable<M.ConfigureNetworkResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        r.scalar();
        m.error = r.stringVerify();
        break;
      case 162:
        r.scalar();
        m.backend = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readQuiesceRequest(r: WireReader, m: Mutable<M.QuiesceRequest> = {
  mountPoints: [],
  timeoutSeconds: 0,
  skipScripts: false,
}): Mutable<M.QuiesceRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.element();
        m.mountPoints.push(r.stringVerify());
        break;
      case 16:
        r.scalar();
        m.timeoutSeconds = r.uint32();
        break;
      case 160:
        r.scalar();
        m.skipScripts = r.bool();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readFrozenFilesystem(r: WireReader, m: Mutable<M.FrozenFilesystem> = {
  mountPoint: '',
  device: '',
  filesystem: '',
  frozen: false,
  error: '',
}): Mutable<M.FrozenFilesystem> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.mountPoint = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.device = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.filesystem = r.stringVerify();
        break;
      case 32:
        r.scalar();
        m.frozen = r.bool();
        break;
      case 42:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readQuiesceResponse(r: WireReader, m: Mutable<M.QuiesceResponse> = {
  success: false,
  frozen: [],
  error: '',
  quiesceToken: '',
  autoThawAt: undefined,
}): Mutable<M.QuiesceResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        {
          const outer = r.enter();
          m.frozen.push(readFrozenFilesystem(r));
          r.leave(outer);
        }
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      case 34:
        r.scalar();
        m.quiesceToken = r.stringVerify();
        break;
      case 42:
        {
          const outer = r.enter();
          m.autoThawAt = readTimestamp(r, m.autoThawAt as Mutable<M.Timestamp> | undefined);
          r.leave(outer);
        }
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readThawRequest(r: WireReader, m: Mutable<M.ThawRequest> = {
  quiesceToken: '',
  mountPoints: [],
  skipScripts: false,
}): Mutable<M.ThawRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.quiesceToken = r.stringVerify();
        break;
      case 18:
        r.element();
        m.mountPoints.push(r.stringVerify());
        break;
      case 160:
        r.scalar();
        m.skipScripts = r.bool();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readThawResponse(r: WireReader, m: Mutable<M.ThawResponse> = {
  success: false,
  thawedMountPoints: [],
  error: '',
  frozenDurationMs: 0,
}): Mutable<M.ThawResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        r.element();
        m.thawedMountPoints.push(r.stringVerify());
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      case 32:
        r.scalar();
        m.frozenDurationMs = r.safeUint64();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readSyncTimeRequest(r: WireReader, m: Mutable<M.SyncTimeRequest> = {
  force: false,
  setTime: undefined,
}): Mutable<M.SyncTimeRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.force = r.bool();
        break;
      case 18:
        {
          const outer = r.enter();
          m.setTime = readTimestamp(r, m.setTime as Mutable<M.Timestamp> | undefined);
          r.leave(outer);
        }
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readSyncTimeResponse(r: WireReader, m: Mutable<M.SyncTimeResponse> = {
  success: false,
  offsetSeconds: 0,
  currentTime: undefined,
  timeSource: '',
  error: '',
}): Mutable<M.SyncTimeResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 17:
        r.scalar();
        m.offsetSeconds = r.double();
        break;
      case 26:
        {
          const outer = r.enter();
          m.currentTime = readTimestamp(r, m.currentTime as Mutable<M.Timestamp> | undefined);
          r.leave(outer);
        }
        break;
      case 34:
        r.scalar();
        m.timeSource = r.stringVerify();
        break;
      case 42:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readDisplayResizeRequest(r: WireReader, m: Mutable<M.DisplayResizeRequest> = {
  width: 0,
  height: 0,
  dpi: 0,
  displayId: '',
}): Mutable<M.DisplayResizeRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.width = r.uint32();
        break;
      case 16:
        r.scalar();
        m.height = r.uint32();
        break;
      case 24:
        r.scalar();
        m.dpi = r.uint32();
        break;
      case 34:
        r.scalar();
        m.displayId = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readDisplayResizeResponse(r: WireReader, m: Mutable<M.DisplayResizeResponse> = {
  success: false,
  actualWidth: 0,
  actualHeight: 0,
  error: '',
}): Mutable<M.DisplayResizeResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 16:
        r.scalar();
        m.actualWidth = r.uint32();
        break;
      case 24:
        r.scalar();
        m.actualHeight = r.uint32();
        break;
      case 34:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readClipboardUpdateRequest(r: WireReader, m: Mutable<M.ClipboardUpdateRequest> = {
  type: 0,
  data: NO_BYTES,
  mimeType: '',
}): Mutable<M.ClipboardUpdateRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.type = r.int32();
        break;
      case 18:
        r.scalar();
        m.data = r.bytesView();
        break;
      case 26:
        r.scalar();
        m.mimeType = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readClipboardUpdateResponse(r: WireReader, m: Mutable<M.ClipboardUpdateResponse> = {
  success: false,
  error: '',
}): Mutable<M.ClipboardUpdateResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readClipboardGetRequest(r: WireReader, m: Mutable<M.ClipboardGetRequest> = {
  preferredType: 0,
}): Mutable<M.ClipboardGetRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.preferredType = r.int32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readClipboardGetResponse(r: WireReader, m: Mutable<M.ClipboardGetResponse> = {
  success: false,
  type: 0,
  data: NO_BYTES,
  mimeType: '',
  error: '',
}): Mutable<M.ClipboardGetResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 16:
        r.scalar();
        m.type = r.int32();
        break;
      case 26:
        r.scalar();
        m.data = r.bytesView();
        break;
      case 34:
        r.scalar();
        m.mimeType = r.stringVerify();
        break;
      case 42:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readClipboardChangedEvent(r: WireReader, m: Mutable<M.ClipboardChangedEvent> = {
  type: 0,
  data: NO_BYTES,
  mimeType: '',
}): Mutable<M.ClipboardChangedEvent> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.type = r.int32();
        break;
      case 18:
        r.scalar();
        m.data = r.bytesView();
        break;
      case 26:
        r.scalar();
        m.mimeType = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readListProcessesRequest(r: WireReader, m: Mutable<M.ListProcessesRequest> = {
  filter: '',
  includeThreads: false,
  maxEntries: 0,
}): Mutable<M.ListProcessesRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.filter = r.stringVerify();
        break;
      case 16:
        r.scalar();
        m.includeThreads = r.bool();
        break;
      case 24:
        r.scalar();
        m.maxEntries = r.uint32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readProcessInfo(r: WireReader, m: Mutable<M.ProcessInfo> = {
  pid: 0,
  ppid: 0,
  name: '',
  commandLine: '',
  user: '',
  cpuPercent: 0,
  memoryBytes: 0,
  state: '',
  startedAt: undefined,
  threadCount: 0,
  workingDirectory: '',
  threads: [],
}): Mutable<M.ProcessInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.pid = r.uint32();
        break;
      case 16:
        r.scalar();
        m.ppid = r.uint32();
        break;
      case 26:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 34:
        r.scalar();
        m.commandLine = r.stringVerify();
        break;
      case 42:
        r.scalar();
        m.user = r.stringVerify();
        break;
      case 49:
        r.scalar();
        m.cpuPercent = r.double();
        break;
      case 56:
        r.scalar();
        m.memoryBytes = r.safeUint64();
        break;
      case 66:
        r.scalar();
        m.state = r.stringVerify();
        break;
      case 74:
        {
          const outer = r.enter();
          m.startedAt = readTimestamp(r, m.startedAt as Mutable<M.Timestamp> | undefined);
          r.leave(outer);
        }
        break;
      case 80:
        r.scalar();
        m.threadCount = r.uint32();
        break;
      case 90:
        r.scalar();
        m.workingDirectory = r.stringVerify();
        break;
      case 162:
        {
          const outer = r.enter();
          m.threads.push(readThreadInfo(r));
          r.leave(outer);
        }
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readThreadInfo(r: WireReader, m: Mutable<M.ThreadInfo> = {
  tid: 0,
  name: '',
  state: '',
}): Mutable<M.ThreadInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.tid = r.uint32();
        break;
      case 18:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.state = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readListProcessesResponse(r: WireReader, m: Mutable<M.ListProcessesResponse> = {
  success: false,
  processes: [],
  error: '',
}): Mutable<M.ListProcessesResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        {
          const outer = r.enter();
          m.processes.push(readProcessInfo(r));
          r.leave(outer);
        }
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readKillProcessRequest(r: WireReader, m: Mutable<M.KillProcessRequest> = {
  pid: 0,
  signal: 0,
}): Mutable<M.KillProcessRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.pid = r.uint32();
        break;
      case 16:
        r.scalar();
        m.signal = r.int32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readKillProcessResponse(r: WireReader, m: Mutable<M.KillProcessResponse> = {
  success: false,
  error: '',
}): Mutable<M.KillProcessResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readListServicesRequest(r: WireReader, m: Mutable<M.ListServicesRequest> = {
  filter: '',
  includeDisabled: false,
}): Mutable<M.ListServicesRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.filter = r.stringVerify();
        break;
      case 16:
        r.scalar();
        m.includeDisabled = r.bool();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readServiceInfo(r: WireReader, m: Mutable<M.ServiceInfo> = {
  name: '',
  displayName: '',
  state: '',
  startType: '',
  description: '',
  pid: 0,
  memoryBytes: 0,
}): Mutable<M.ServiceInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.displayName = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.state = r.stringVerify();
        break;
      case 34:
        r.scalar();
        m.startType = r.stringVerify();
        break;
      case 42:
        r.scalar();
        m.description = r.stringVerify();
        break;
      case 48:
        r.scalar();
        m.pid = r.uint32();
        break;
      case 56:
        r.scalar();
        m.memoryBytes = r.safeUint64();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readListServicesResponse(r: WireReader, m: Mutable<M.ListServicesResponse> = {
  success: false,
  services: [],
  error: '',
}): Mutable<M.ListServicesResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        {
          const outer = r.enter();
          m.services.push(readServiceInfo(r));
          r.leave(outer);
        }
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readServiceControlRequest(r: WireReader, m: Mutable<M.ServiceControlRequest> = {
  name: '',
  action: 0,
}): Mutable<M.ServiceControlRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 16:
        r.scalar();
        m.action = r.int32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readServiceControlResponse(r: WireReader, m: Mutable<M.ServiceControlResponse> = {
  success: false,
  newState: '',
  error: '',
}): Mutable<M.ServiceControlResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        r.scalar();
        m.newState = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readGetHardwareInfoRequest(r: WireReader, m: Mutable<M.GetHardwareInfoRequest> = {
  includeCpuDetails: false,
  includeDiskDetails: false,
  includeNetworkDetails: false,
}): Mutable<M.GetHardwareInfoRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.includeCpuDetails = r.bool();
        break;
      case 16:
        r.scalar();
        m.includeDiskDetails = r.bool();
        break;
      case 24:
        r.scalar();
        m.includeNetworkDetails = r.bool();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readGetHardwareInfoResponse(r: WireReader, m: Mutable<M.GetHardwareInfoResponse> = {
  success: false,
  hardware: undefined,
  error: '',
}): Mutable<M.GetHardwareInfoResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        {
          const outer = r.enter();
          m.hardware = readHardwareInfo(r, m.hardware as Mutable<M.HardwareInfo> | undefined);
          r.leave(outer);
        }
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readHardwareInfo(r: WireReader, m: Mutable<M.HardwareInfo> = {
  cpu: undefined,
  memory: undefined,
  disks: [],
  networkAdapters: [],
  bios: undefined,
  os: undefined,
  gpus: [],
}): Mutable<M.HardwareInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        {
          const outer = r.enter();
          m.cpu = readCpuInfo(r, m.cpu as Mutable<M.CpuInfo> | undefined);
          r.leave(outer);
        }
        break;
      case 18:
        {
          const outer = r.enter();
          m.memory = readMemoryInfo(r, m.memory as Mutable<M.MemoryInfo> | undefined);
          r.leave(outer);
        }
        break;
      case 26:
        {
          const outer = r.enter();
          m.disks.push(readDiskInfo(r));
          r.leave(outer);
        }
        break;
      case 34:
        {
          const outer = r.enter();
          m.networkAdapters.push(readNetworkAdapterInfo(r));
          r.leave(outer);
        }
        break;
      case 42:
        {
          const outer = r.enter();
          m.bios = readBiosInfo(r, m.bios as Mutable<M.BiosInfo> | undefined);
          r.leave(outer);
        }
        break;
      case 50:
        {
          const outer = r.enter();
          m.os = readOsInfo(r, m.os as Mutable<M.OsInfo> | undefined);
          r.leave(outer);
        }
        break;
      case 58:
        {
          const outer = r.enter();
          m.gpus.push(readGpuInfo(r));
          r.leave(outer);
        }
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readCpuInfo(r: WireReader, m: Mutable<M.CpuInfo> = {
  model: '',
  cores: 0,
  threads: 0,
  frequencyMhz: 0,
  architecture: '',
  flags: [],
  vendor: '',
  sockets: 0,
  l1CacheBytes: 0,
  l2CacheBytes: 0,
  l3CacheBytes: 0,
}): Mutable<M.CpuInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.model = r.stringVerify();
        break;
      case 16:
        r.scalar();
        m.cores = r.uint32();
        break;
      case 24:
        r.scalar();
        m.threads = r.uint32();
        break;
      case 33:
        r.scalar();
        m.frequencyMhz = r.double();
        break;
      case 42:
        r.scalar();
        m.architecture = r.stringVerify();
        break;
      case 50:
        r.element();
        m.flags.push(r.stringVerify());
        break;
      case 58:
        r.scalar();
        m.vendor = r.stringVerify();
        break;
      case 64:
        r.scalar();
        m.sockets = r.uint32();
        break;
      case 72:
        r.scalar();
        m.l1CacheBytes = r.safeUint64();
        break;
      case 80:
        r.scalar();
        m.l2CacheBytes = r.safeUint64();
        break;
      case 88:
        r.scalar();
        m.l3CacheBytes = r.safeUint64();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readMemoryInfo(r: WireReader, m: Mutable<M.MemoryInfo> = {
  totalBytes: 0,
  availableBytes: 0,
  memoryType: '',
  speedMhz: 0,
  dimmCount: 0,
}): Mutable<M.MemoryInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.totalBytes = r.safeUint64();
        break;
      case 16:
        r.scalar();
        m.availableBytes = r.safeUint64();
        break;
      case 26:
        r.scalar();
        m.memoryType = r.stringVerify();
        break;
      case 32:
        r.scalar();
        m.speedMhz = r.uint32();
        break;
      case 40:
        r.scalar();
        m.dimmCount = r.uint32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readDiskInfo(r: WireReader, m: Mutable<M.DiskInfo> = {
  device: '',
  model: '',
  serial: '',
  sizeBytes: 0,
  diskType: '',
  interface: '',
  isVirtual: false,
  partitions: [],
}): Mutable<M.DiskInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.device = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.model = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.serial = r.stringVerify();
        break;
      case 32:
        r.scalar();
        m.sizeBytes = r.safeUint64();
        break;
      case 42:
        r.scalar();
        m.diskType = r.stringVerify();
        break;
      case 50:
        r.scalar();
        m.interface = r.stringVerify();
        break;
      case 56:
        r.scalar();
        m.isVirtual = r.bool();
        break;
      case 66:
        {
          const outer = r.enter();
          m.partitions.push(readPartitionInfo(r));
          r.leave(outer);
        }
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readPartitionInfo(r: WireReader, m: Mutable<M.PartitionInfo> = {
  device: '',
  mountPoint: '',
  filesystem: '',
  sizeBytes: 0,
  usedBytes: 0,
  label: '',
}): Mutable<M.PartitionInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.device = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.mountPoint = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.filesystem = r.stringVerify();
        break;
      case 32:
        r.scalar();
        m.sizeBytes = r.safeUint64();
        break;
      case 40:
        r.scalar();
        m.usedBytes = r.safeUint64();
        break;
      case 50:
        r.scalar();
        m.label = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readNetworkAdapterInfo(r: WireReader, m: Mutable<M.NetworkAdapterInfo> = {
  name: '',
  macAddress: '',
  adapterType: '',
  speedMbps: 0,
  isVirtual: false,
  driver: '',
  pciAddress: '',
}): Mutable<M.NetworkAdapterInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.macAddress = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.adapterType = r.stringVerify();
        break;
      case 32:
        r.scalar();
        m.speedMbps = r.uint32();
        break;
      case 40:
        r.scalar();
        m.isVirtual = r.bool();
        break;
      case 50:
        r.scalar();
        m.driver = r.stringVerify();
        break;
      case 58:
        r.scalar();
        m.pciAddress = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readBiosInfo(r: WireReader, m: Mutable<M.BiosInfo> = {
  vendor: '',
  version: '',
  releaseDate: '',
  systemManufacturer: '',
  systemProduct: '',
  systemSerial: '',
  systemUuid: '',
}): Mutable<M.BiosInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.vendor = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.version = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.releaseDate = r.stringVerify();
        break;
      case 34:
        r.scalar();
        m.systemManufacturer = r.stringVerify();
        break;
      case 42:
        r.scalar();
        m.systemProduct = r.stringVerify();
        break;
      case 50:
        r.scalar();
        m.systemSerial = r.stringVerify();
        break;
      case 58:
        r.scalar();
        m.systemUuid = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readOsInfo(r: WireReader, m: Mutable<M.OsInfo> = {
  name: '',
  version: '',
  build: '',
  kernel: '',
  architecture: '',
  installDate: undefined,
  lastBoot: undefined,
  hostname: '',
  domain: '',
}): Mutable<M.OsInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.version = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.build = r.stringVerify();
        break;
      case 34:
        r.scalar();
        m.kernel = r.stringVerify();
        break;
      case 42:
        r.scalar();
        m.architecture = r.stringVerify();
        break;
      case 50:
        {
          const outer = r.enter();
          m.installDate = readTimestamp(r, m.installDate as Mutable<M.Timestamp> | undefined);
          r.leave(outer);
        }
        break;
      case 58:
        {
          const outer = r.enter();
          m.lastBoot = readTimestamp(r, m.lastBoot as Mutable<M.Timestamp> | undefined);
          r.leave(outer);
        }
        break;
      case 66:
        r.scalar();
        m.hostname = r.stringVerify();
        break;
      case 74:
        r.scalar();
        m.domain = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readGpuInfo(r: WireReader, m: Mutable<M.GpuInfo> = {
  name: '',
  vendor: '',
  driverVersion: '',
  vramBytes: 0,
  pciAddress: '',
}): Mutable<M.GpuInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.vendor = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.driverVersion = r.stringVerify();
        break;
      case 32:
        r.scalar();
        m.vramBytes = r.safeUint64();
        break;
      case 42:
        r.scalar();
        m.pciAddress = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readListInstalledSoftwareRequest(r: WireReader, m: Mutable<M.ListInstalledSoftwareRequest> = {
  filter: '',
  maxEntries: 0,
}): Mutable<M.ListInstalledSoftwareRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.filter = r.stringVerify();
        break;
      case 16:
        r.scalar();
        m.maxEntries = r.uint32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readInstalledSoftware(r: WireReader, m: Mutable<M.InstalledSoftware> = {
  name: '',
  version: '',
  publisher: '',
  installDate: undefined,
  sizeBytes: 0,
  packageType: '',
  architecture: '',
}): Mutable<M.InstalledSoftware> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.version = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.publisher = r.stringVerify();
        break;
      case 34:
        {
          const outer = r.enter();
          m.installDate = readTimestamp(r, m.installDate as Mutable<M.Timestamp> | undefined);
          r.leave(outer);
        }
        break;
      case 40:
        r.scalar();
        m.sizeBytes = r.safeUint64();
        break;
      case 50:
        r.scalar();
        m.packageType = r.stringVerify();
        break;
      case 58:
        r.scalar();
        m.architecture = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readListInstalledSoftwareResponse(r: WireReader, m: Mutable<M.ListInstalledSoftwareResponse> = {
  success: false,
  software: [],
  error: '',
  totalCount: 0,
}): Mutable<M.ListInstalledSoftwareResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        {
          const outer = r.enter();
          m.software.push(readInstalledSoftware(r));
          r.leave(outer);
        }
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      case 32:
        r.scalar();
        m.totalCount = r.uint32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readTelemetryReport(r: WireReader, m: Mutable<M.TelemetryReport> = {
  cpuUsagePercent: 0,
  memoryTotalBytes: 0,
  memoryUsedBytes: 0,
  memoryAvailableBytes: 0,
  swapTotalBytes: 0,
  swapUsedBytes: 0,
  disks: [],
  interfaces: [],
  loadAvg1: 0,
  loadAvg5: 0,
  loadAvg15: 0,
  processCount: 0,
  uptimeSeconds: 0,
  hostname: '',
  cpuCorePercent: [],
  ipAddresses: [],
  os: undefined,
}): Mutable<M.TelemetryReport> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 9:
        r.scalar();
        m.cpuUsagePercent = r.double();
        break;
      case 16:
        r.scalar();
        m.memoryTotalBytes = r.safeUint64();
        break;
      case 24:
        r.scalar();
        m.memoryUsedBytes = r.safeUint64();
        break;
      case 32:
        r.scalar();
        m.memoryAvailableBytes = r.safeUint64();
        break;
      case 40:
        r.scalar();
        m.swapTotalBytes = r.safeUint64();
        break;
      case 48:
        r.scalar();
        m.swapUsedBytes = r.safeUint64();
        break;
      case 58:
        {
          const outer = r.enter();
          m.disks.push(readDiskUsage(r));
          r.leave(outer);
        }
        break;
      case 66:
        {
          const outer = r.enter();
          m.interfaces.push(readInterfaceInfo(r));
          r.leave(outer);
        }
        break;
      case 73:
        r.scalar();
        m.loadAvg1 = r.double();
        break;
      case 81:
        r.scalar();
        m.loadAvg5 = r.double();
        break;
      case 89:
        r.scalar();
        m.loadAvg15 = r.double();
        break;
      case 96:
        r.scalar();
        m.processCount = r.uint32();
        break;
      case 104:
        r.scalar();
        m.uptimeSeconds = r.safeUint64();
        break;
      case 114:
        r.scalar();
        m.hostname = r.stringVerify();
        break;
      case 161:
        r.element();
        m.cpuCorePercent.push(r.double());
        break;
      case 162:
        {
          const outer = r.enter();
          while (r.pos < r.len) {
            r.element();
            m.cpuCorePercent.push(r.double());
          }
          r.leave(outer);
        }
        break;
      case 170:
        r.element();
        m.ipAddresses.push(r.stringVerify());
        break;
      case 178:
        {
          const outer = r.enter();
          m.os = readOsInfo(r, m.os as Mutable<M.OsInfo> | undefined);
          r.leave(outer);
        }
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readDiskUsage(r: WireReader, m: Mutable<M.DiskUsage> = {
  mountPoint: '',
  filesystem: '',
  device: '',
  totalBytes: 0,
  usedBytes: 0,
  availableBytes: 0,
  usagePercent: 0,
}): Mutable<M.DiskUsage> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.mountPoint = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.filesystem = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.device = r.stringVerify();
        break;
      case 32:
        r.scalar();
        m.totalBytes = r.safeUint64();
        break;
      case 40:
        r.scalar();
        m.usedBytes = r.safeUint64();
        break;
      case 48:
        r.scalar();
        m.availableBytes = r.safeUint64();
        break;
      case 57:
        r.scalar();
        m.usagePercent = r.double();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readInterfaceInfo(r: WireReader, m: Mutable<M.InterfaceInfo> = {
  name: '',
  macAddress: '',
  ipv4Addresses: [],
  ipv6Addresses: [],
  state: 0,
  mtu: 0,
  rxBytes: 0,
  txBytes: 0,
  rxPackets: 0,
  txPackets: 0,
}): Mutable<M.InterfaceInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.macAddress = r.stringVerify();
        break;
      case 26:
        r.element();
        m.ipv4Addresses.push(r.stringVerify());
        break;
      case 34:
        r.element();
        m.ipv6Addresses.push(r.stringVerify());
        break;
      case 40:
        r.scalar();
        m.state = r.int32();
        break;
      case 48:
        r.scalar();
        m.mtu = r.uint32();
        break;
      case 56:
        r.scalar();
        m.rxBytes = r.safeUint64();
        break;
      case 64:
        r.scalar();
        m.txBytes = r.safeUint64();
        break;
      case 72:
        r.scalar();
        m.rxPackets = r.safeUint64();
        break;
      case 80:
        r.scalar();
        m.txPackets = r.safeUint64();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readAgentReadyEvent(r: WireReader, m: Mutable<M.AgentReadyEvent> = {
  version: '',
  osName: '',
  osVersion: '',
  kernelVersion: '',
  architecture: '',
  hostname: '',
  ipAddresses: [],
  capabilities: [],
  bootId: '',
  sessionId: '',
  degraded: undefined,
}): Mutable<M.AgentReadyEvent> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.version = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.osName = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.osVersion = r.stringVerify();
        break;
      case 34:
        r.scalar();
        m.kernelVersion = r.stringVerify();
        break;
      case 42:
        r.scalar();
        m.architecture = r.stringVerify();
        break;
      case 50:
        r.scalar();
        m.hostname = r.stringVerify();
        break;
      case 58:
        r.element();
        m.ipAddresses.push(r.stringVerify());
        break;
      case 66:
        r.element();
        m.capabilities.push(r.stringVerify());
        break;
      case 162:
        r.scalar();
        m.bootId = r.stringVerify();
        break;
      case 170:
        r.scalar();
        m.sessionId = r.stringVerify();
        break;
      case 178:
        {
          const outer = r.enter();
          m.degraded = readAgentError(r, m.degraded as Mutable<M.AgentError> | undefined);
          r.leave(outer);
        }
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readErrorEvent(r: WireReader, m: Mutable<M.ErrorEvent> = {
  severity: 0,
  code: '',
  message: '',
  details: stringMap(),
}): Mutable<M.ErrorEvent> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.severity = r.int32();
        break;
      case 18:
        r.scalar();
        m.code = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.message = r.stringVerify();
        break;
      case 34:
        r.mapEntry(m.details);
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readAgentUpdateRequest(r: WireReader, m: Mutable<M.AgentUpdateRequest> = {
  targetVersion: '',
  binaryData: NO_BYTES,
  chunkNumber: 0,
  isLastChunk: false,
  checksumSha256: '',
  totalSize: 0,
  component: '',
  signature: NO_BYTES,
}): Mutable<M.AgentUpdateRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.targetVersion = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.binaryData = r.bytesView();
        break;
      case 24:
        r.scalar();
        m.chunkNumber = r.uint32();
        break;
      case 32:
        r.scalar();
        m.isLastChunk = r.bool();
        break;
      case 42:
        r.scalar();
        m.checksumSha256 = r.stringVerify();
        break;
      case 48:
        r.scalar();
        m.totalSize = r.safeUint64();
        break;
      case 162:
        r.scalar();
        m.component = r.stringVerify();
        break;
      case 170:
        r.scalar();
        m.signature = r.bytesView();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readAgentUpdateResponse(r: WireReader, m: Mutable<M.AgentUpdateResponse> = {
  success: false,
  currentVersion: '',
  error: '',
  restartRequired: false,
  progressPercent: 0,
  state: 0,
  component: '',
}): Mutable<M.AgentUpdateResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        r.scalar();
        m.currentVersion = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      case 32:
        r.scalar();
        m.restartRequired = r.bool();
        break;
      case 40:
        r.scalar();
        m.progressPercent = r.uint32();
        break;
      case 48:
        r.scalar();
        m.state = r.int32();
        break;
      case 162:
        r.scalar();
        m.component = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readGetCapabilitiesRequest(r: WireReader): M.GetCapabilitiesRequest {
  while (r.pos < r.len) r.unknown(r.tag());
  return {};
}

function readGetCapabilitiesResponse(r: WireReader, m: Mutable<M.GetCapabilitiesResponse> = {
  version: '',
  os: '',
  architecture: '',
  capabilities: [],
  features: stringMap(),
  buildTime: '',
  buildCommit: '',
  plugins: [],
  maxMessageBytes: 0,
  maxChunkBytes: 0,
}): Mutable<M.GetCapabilitiesResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.version = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.os = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.architecture = r.stringVerify();
        break;
      case 34:
        r.element();
        m.capabilities.push(r.stringVerify());
        break;
      case 42:
        r.mapEntry(m.features);
        break;
      case 50:
        r.scalar();
        m.buildTime = r.stringVerify();
        break;
      case 58:
        r.scalar();
        m.buildCommit = r.stringVerify();
        break;
      case 162:
        {
          const outer = r.enter();
          m.plugins.push(readPluginInfo(r));
          r.leave(outer);
        }
        break;
      case 168:
        r.scalar();
        m.maxMessageBytes = r.uint32();
        break;
      case 176:
        r.scalar();
        m.maxChunkBytes = r.uint32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readCancelRequest(r: WireReader, m: Mutable<M.CancelRequest> = {
  messageId: '',
}): Mutable<M.CancelRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.messageId = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readCancelResponse(r: WireReader, m: Mutable<M.CancelResponse> = {
  success: false,
  error: '',
}): Mutable<M.CancelResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readPluginInfo(r: WireReader, m: Mutable<M.PluginInfo> = {
  name: '',
  version: '',
  state: 0,
  capabilities: [],
  error: '',
  previousVersion: '',
  requestsServed: 0,
  requestsFailed: 0,
  thirdParty: false,
}): Mutable<M.PluginInfo> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.version = r.stringVerify();
        break;
      case 24:
        r.scalar();
        m.state = r.int32();
        break;
      case 34:
        r.element();
        m.capabilities.push(r.stringVerify());
        break;
      case 42:
        r.scalar();
        m.error = r.stringVerify();
        break;
      case 50:
        r.scalar();
        m.previousVersion = r.stringVerify();
        break;
      case 56:
        r.scalar();
        m.requestsServed = r.safeUint64();
        break;
      case 64:
        r.scalar();
        m.requestsFailed = r.safeUint64();
        break;
      case 72:
        r.scalar();
        m.thirdParty = r.bool();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readListPluginsRequest(r: WireReader): M.ListPluginsRequest {
  while (r.pos < r.len) r.unknown(r.tag());
  return {};
}

function readListPluginsResponse(r: WireReader, m: Mutable<M.ListPluginsResponse> = {
  success: false,
  plugins: [],
  error: '',
}): Mutable<M.ListPluginsResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        {
          const outer = r.enter();
          m.plugins.push(readPluginInfo(r));
          r.leave(outer);
        }
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readPluginControlRequest(r: WireReader, m: Mutable<M.PluginControlRequest> = {
  name: '',
  action: 0,
}): Mutable<M.PluginControlRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.name = r.stringVerify();
        break;
      case 16:
        r.scalar();
        m.action = r.int32();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readPluginControlResponse(r: WireReader, m: Mutable<M.PluginControlResponse> = {
  success: false,
  plugin: undefined,
  error: '',
}): Mutable<M.PluginControlResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        {
          const outer = r.enter();
          m.plugin = readPluginInfo(r, m.plugin as Mutable<M.PluginInfo> | undefined);
          r.leave(outer);
        }
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readPluginCallRequest(r: WireReader, m: Mutable<M.PluginCallRequest> = {
  plugin: '',
  method: '',
  payload: NO_BYTES,
}): Mutable<M.PluginCallRequest> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.plugin = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.method = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.payload = r.bytesView();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readPluginCallResponse(r: WireReader, m: Mutable<M.PluginCallResponse> = {
  success: false,
  payload: NO_BYTES,
  error: '',
}): Mutable<M.PluginCallResponse> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        r.scalar();
        m.success = r.bool();
        break;
      case 18:
        r.scalar();
        m.payload = r.bytesView();
        break;
      case 26:
        r.scalar();
        m.error = r.stringVerify();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readPluginEvent(r: WireReader, m: Mutable<M.PluginEvent> = {
  plugin: '',
  event: '',
  payload: NO_BYTES,
}): Mutable<M.PluginEvent> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        r.scalar();
        m.plugin = r.stringVerify();
        break;
      case 18:
        r.scalar();
        m.event = r.stringVerify();
        break;
      case 26:
        r.scalar();
        m.payload = r.bytesView();
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function readPluginStateEvent(r: WireReader, m: Mutable<M.PluginStateEvent> = {
  plugin: undefined,
}): Mutable<M.PluginStateEvent> {
  while (r.pos < r.len) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        {
          const outer = r.enter();
          m.plugin = readPluginInfo(r, m.plugin as Mutable<M.PluginInfo> | undefined);
          r.leave(outer);
        }
        break;
      default:
        r.unknown(tag);
    }
  }
  return m;
}

function writeTimestamp(m: Init<M.Timestamp>, w: WireWriter): void {
  if (m.seconds) w.uint32(8).int64(m.seconds);
  if (m.nanos) w.uint32(16).int32(m.nanos);
}

function writeAgentError(m: Init<M.AgentError>, w: WireWriter): void {
  if (m.code) w.uint32(8).uint32(m.code);
  if (m.category) w.uint32(16).int32(m.category);
  if (m.name) w.uint32(26).string(wireString(m.name));
  if (m.message) w.uint32(34).string(wireString(m.message));
  if (m.context) w.uint32(42).string(wireString(m.context));
  if (m.resolution) w.uint32(50).string(wireString(m.resolution));
  if (m.reason) w.uint32(160).int32(m.reason);
}

function writePingRequest(m: Init<M.PingRequest>, w: WireWriter): void {
  if (m.sequence) w.uint32(8).uint64(wireUint64(m.sequence));
  if (m.greet !== undefined) w.uint32(160).bool(m.greet);
}

function writePongResponse(m: Init<M.PongResponse>, w: WireWriter): void {
  if (m.sequence) w.uint32(8).uint64(wireUint64(m.sequence));
  if (m.version) w.uint32(18).string(wireString(m.version));
  if (m.uptimeSeconds) w.uint32(24).uint64(wireUint64(m.uptimeSeconds));
}

function writeExecuteRequest(m: Init<M.ExecuteRequest>, w: WireWriter): void {
  if (m.command) w.uint32(10).string(wireString(m.command));
  for (const item of m.args ?? []) w.uint32(18).string(wireString(item));
  if (m.workingDirectory) w.uint32(26).string(wireString(m.workingDirectory));
  if (m.environment) {
    for (const key of Object.keys(m.environment)) {
      w.uint32(34).fork().uint32(10).string(wireString(key)).uint32(18).string(wireString(m.environment[key] ?? '')).ldelim();
    }
  }
  if (m.timeoutSeconds) w.uint32(40).uint32(m.timeoutSeconds);
  if (m.runAsUser) w.uint32(50).string(wireString(m.runAsUser));
  if (m.runAsGroup) w.uint32(58).string(wireString(m.runAsGroup));
  if (m.includeSupplementaryGroups !== undefined) w.uint32(64).bool(m.includeSupplementaryGroups);
  if (m.stdin !== undefined && m.stdin.length > 0) w.uint32(162).bytes(m.stdin);
  if (m.maxOutputBytes) w.uint32(168).uint32(m.maxOutputBytes);
}

function writeExecuteResponse(m: Init<M.ExecuteResponse>, w: WireWriter): void {
  if (m.exitCode) w.uint32(8).int32(m.exitCode);
  if (m.stdout) w.uint32(18).string(wireString(m.stdout));
  if (m.stderr) w.uint32(26).string(wireString(m.stderr));
  if (m.durationMs) w.uint32(32).uint64(wireUint64(m.durationMs));
  if (m.timedOut) w.uint32(40).bool(m.timedOut);
  if (m.stdoutTruncated) w.uint32(160).bool(m.stdoutTruncated);
  if (m.stderrTruncated) w.uint32(168).bool(m.stderrTruncated);
  if (m.error) w.uint32(178).string(wireString(m.error));
  if (m.signal) w.uint32(184).int32(m.signal);
}

function writeFileWriteRequest(m: Init<M.FileWriteRequest>, w: WireWriter): void {
  if (m.path) w.uint32(10).string(wireString(m.path));
  if (m.data !== undefined && m.data.length > 0) w.uint32(18).bytes(m.data);
  if (m.offset) w.uint32(24).uint64(wireUint64(m.offset));
  if (m.truncate) w.uint32(32).bool(m.truncate);
  if (m.mode !== undefined) w.uint32(40).uint32(m.mode);
  if (m.createParents) w.uint32(160).bool(m.createParents);
  if (m.sync) w.uint32(168).bool(m.sync);
  if (m.dataCrc32 !== undefined) w.uint32(176).uint32(m.dataCrc32);
}

function writeFileWriteResponse(m: Init<M.FileWriteResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.bytesWritten) w.uint32(16).uint64(wireUint64(m.bytesWritten));
  if (m.error) w.uint32(26).string(wireString(m.error));
}

function writeFileReadRequest(m: Init<M.FileReadRequest>, w: WireWriter): void {
  if (m.path) w.uint32(10).string(wireString(m.path));
  if (m.offset) w.uint32(16).uint64(wireUint64(m.offset));
  if (m.maxBytes) w.uint32(24).uint32(m.maxBytes);
}

function writeFileReadResponse(m: Init<M.FileReadResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.data !== undefined && m.data.length > 0) w.uint32(18).bytes(m.data);
  if (m.eof) w.uint32(24).bool(m.eof);
  if (m.totalSize) w.uint32(32).uint64(wireUint64(m.totalSize));
  if (m.offset) w.uint32(40).uint64(wireUint64(m.offset));
  if (m.error) w.uint32(58).string(wireString(m.error));
  if (m.mode) w.uint32(64).uint32(m.mode);
  if (m.modifiedAt !== undefined) {
    w.uint32(74).fork();
    writeTimestamp(m.modifiedAt, w);
    w.ldelim();
  }
}

function writeListDirectoryRequest(m: Init<M.ListDirectoryRequest>, w: WireWriter): void {
  if (m.path) w.uint32(10).string(wireString(m.path));
  if (m.includeHidden) w.uint32(16).bool(m.includeHidden);
  if (m.maxEntries) w.uint32(24).uint32(m.maxEntries);
  if (m.continuationToken) w.uint32(34).string(wireString(m.continuationToken));
}

function writeListDirectoryResponse(m: Init<M.ListDirectoryResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  for (const item of m.entries ?? []) {
    w.uint32(18).fork();
    writeDirectoryEntry(item, w);
    w.ldelim();
  }
  if (m.continuationToken) w.uint32(26).string(wireString(m.continuationToken));
  if (m.error) w.uint32(34).string(wireString(m.error));
  if (m.totalEntries) w.uint32(40).uint32(m.totalEntries);
}

function writeDirectoryEntry(m: Init<M.DirectoryEntry>, w: WireWriter): void {
  if (m.name) w.uint32(10).string(wireString(m.name));
  if (m.path) w.uint32(18).string(wireString(m.path));
  if (m.isDirectory) w.uint32(24).bool(m.isDirectory);
  if (m.isSymlink) w.uint32(32).bool(m.isSymlink);
  if (m.symlinkTarget) w.uint32(42).string(wireString(m.symlinkTarget));
  if (m.sizeBytes) w.uint32(48).uint64(wireUint64(m.sizeBytes));
  if (m.mode) w.uint32(56).uint32(m.mode);
  if (m.modifiedAt !== undefined) {
    w.uint32(66).fork();
    writeTimestamp(m.modifiedAt, w);
    w.ldelim();
  }
  if (m.createdAt !== undefined) {
    w.uint32(74).fork();
    writeTimestamp(m.createdAt, w);
    w.ldelim();
  }
  if (m.owner) w.uint32(82).string(wireString(m.owner));
  if (m.group) w.uint32(90).string(wireString(m.group));
  if (m.nameBytes !== undefined && m.nameBytes.length > 0) w.uint32(162).bytes(m.nameBytes);
}

function writeCreateDirectoryRequest(m: Init<M.CreateDirectoryRequest>, w: WireWriter): void {
  if (m.path) w.uint32(10).string(wireString(m.path));
  if (m.createParents) w.uint32(16).bool(m.createParents);
  if (m.mode !== undefined) w.uint32(24).uint32(m.mode);
}

function writeCreateDirectoryResponse(m: Init<M.CreateDirectoryResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.error) w.uint32(18).string(wireString(m.error));
}

function writeFileDeleteRequest(m: Init<M.FileDeleteRequest>, w: WireWriter): void {
  if (m.path) w.uint32(10).string(wireString(m.path));
  if (m.recursive) w.uint32(16).bool(m.recursive);
}

function writeFileDeleteResponse(m: Init<M.FileDeleteResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.error) w.uint32(18).string(wireString(m.error));
}

function writeFileStatRequest(m: Init<M.FileStatRequest>, w: WireWriter): void {
  if (m.path) w.uint32(10).string(wireString(m.path));
}

function writeFileStatResponse(m: Init<M.FileStatResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.entry !== undefined) {
    w.uint32(18).fork();
    writeDirectoryEntry(m.entry, w);
    w.ldelim();
  }
  if (m.error) w.uint32(26).string(wireString(m.error));
}

function writeShutdownRequest(m: Init<M.ShutdownRequest>, w: WireWriter): void {
  if (m.type) w.uint32(8).int32(m.type);
  if (m.delaySeconds) w.uint32(16).uint32(m.delaySeconds);
  if (m.message) w.uint32(26).string(wireString(m.message));
}

function writeShutdownResponse(m: Init<M.ShutdownResponse>, w: WireWriter): void {
  if (m.accepted) w.uint32(8).bool(m.accepted);
  if (m.error) w.uint32(18).string(wireString(m.error));
}

function writeResetPasswordRequest(m: Init<M.ResetPasswordRequest>, w: WireWriter): void {
  if (m.username) w.uint32(10).string(wireString(m.username));
  if (m.newPassword) w.uint32(18).string(wireString(m.newPassword));
  if (m.expire) w.uint32(24).bool(m.expire);
}

function writeResetPasswordResponse(m: Init<M.ResetPasswordResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.error) w.uint32(18).string(wireString(m.error));
}

function writeConfigureNetworkRequest(m: Init<M.ConfigureNetworkRequest>, w: WireWriter): void {
  if (m.interface) w.uint32(10).string(wireString(m.interface));
  if (m.ipAddress) w.uint32(18).string(wireString(m.ipAddress));
  if (m.netmask) w.uint32(26).string(wireString(m.netmask));
  if (m.gateway) w.uint32(34).string(wireString(m.gateway));
  for (const item of m.dnsServers ?? []) w.uint32(42).string(wireString(item));
  if (m.dhcp) w.uint32(48).bool(m.dhcp);
}

function writeConfigureNetworkResponse(m: Init<M.ConfigureNetworkResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.error) w.uint32(18).string(wireString(m.error));
  if (m.backend) w.uint32(162).string(wireString(m.backend));
}

function writeQuiesceRequest(m: Init<M.QuiesceRequest>, w: WireWriter): void {
  for (const item of m.mountPoints ?? []) w.uint32(10).string(wireString(item));
  if (m.timeoutSeconds) w.uint32(16).uint32(m.timeoutSeconds);
  if (m.skipScripts) w.uint32(160).bool(m.skipScripts);
}

function writeFrozenFilesystem(m: Init<M.FrozenFilesystem>, w: WireWriter): void {
  if (m.mountPoint) w.uint32(10).string(wireString(m.mountPoint));
  if (m.device) w.uint32(18).string(wireString(m.device));
  if (m.filesystem) w.uint32(26).string(wireString(m.filesystem));
  if (m.frozen) w.uint32(32).bool(m.frozen);
  if (m.error) w.uint32(42).string(wireString(m.error));
}

function writeQuiesceResponse(m: Init<M.QuiesceResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  for (const item of m.frozen ?? []) {
    w.uint32(18).fork();
    writeFrozenFilesystem(item, w);
    w.ldelim();
  }
  if (m.error) w.uint32(26).string(wireString(m.error));
  if (m.quiesceToken) w.uint32(34).string(wireString(m.quiesceToken));
  if (m.autoThawAt !== undefined) {
    w.uint32(42).fork();
    writeTimestamp(m.autoThawAt, w);
    w.ldelim();
  }
}

function writeThawRequest(m: Init<M.ThawRequest>, w: WireWriter): void {
  if (m.quiesceToken) w.uint32(10).string(wireString(m.quiesceToken));
  for (const item of m.mountPoints ?? []) w.uint32(18).string(wireString(item));
  if (m.skipScripts) w.uint32(160).bool(m.skipScripts);
}

function writeThawResponse(m: Init<M.ThawResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  for (const item of m.thawedMountPoints ?? []) w.uint32(18).string(wireString(item));
  if (m.error) w.uint32(26).string(wireString(m.error));
  if (m.frozenDurationMs) w.uint32(32).uint64(wireUint64(m.frozenDurationMs));
}

function writeSyncTimeRequest(m: Init<M.SyncTimeRequest>, w: WireWriter): void {
  if (m.force) w.uint32(8).bool(m.force);
  if (m.setTime !== undefined) {
    w.uint32(18).fork();
    writeTimestamp(m.setTime, w);
    w.ldelim();
  }
}

function writeSyncTimeResponse(m: Init<M.SyncTimeResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.offsetSeconds !== undefined && !Object.is(m.offsetSeconds, 0)) w.uint32(17).double(m.offsetSeconds);
  if (m.currentTime !== undefined) {
    w.uint32(26).fork();
    writeTimestamp(m.currentTime, w);
    w.ldelim();
  }
  if (m.timeSource) w.uint32(34).string(wireString(m.timeSource));
  if (m.error) w.uint32(42).string(wireString(m.error));
}

function writeDisplayResizeRequest(m: Init<M.DisplayResizeRequest>, w: WireWriter): void {
  if (m.width) w.uint32(8).uint32(m.width);
  if (m.height) w.uint32(16).uint32(m.height);
  if (m.dpi) w.uint32(24).uint32(m.dpi);
  if (m.displayId) w.uint32(34).string(wireString(m.displayId));
}

function writeDisplayResizeResponse(m: Init<M.DisplayResizeResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.actualWidth) w.uint32(16).uint32(m.actualWidth);
  if (m.actualHeight) w.uint32(24).uint32(m.actualHeight);
  if (m.error) w.uint32(34).string(wireString(m.error));
}

function writeClipboardUpdateRequest(m: Init<M.ClipboardUpdateRequest>, w: WireWriter): void {
  if (m.type) w.uint32(8).int32(m.type);
  if (m.data !== undefined && m.data.length > 0) w.uint32(18).bytes(m.data);
  if (m.mimeType) w.uint32(26).string(wireString(m.mimeType));
}

function writeClipboardUpdateResponse(m: Init<M.ClipboardUpdateResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.error) w.uint32(18).string(wireString(m.error));
}

function writeClipboardGetRequest(m: Init<M.ClipboardGetRequest>, w: WireWriter): void {
  if (m.preferredType) w.uint32(8).int32(m.preferredType);
}

function writeClipboardGetResponse(m: Init<M.ClipboardGetResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.type) w.uint32(16).int32(m.type);
  if (m.data !== undefined && m.data.length > 0) w.uint32(26).bytes(m.data);
  if (m.mimeType) w.uint32(34).string(wireString(m.mimeType));
  if (m.error) w.uint32(42).string(wireString(m.error));
}

function writeClipboardChangedEvent(m: Init<M.ClipboardChangedEvent>, w: WireWriter): void {
  if (m.type) w.uint32(8).int32(m.type);
  if (m.data !== undefined && m.data.length > 0) w.uint32(18).bytes(m.data);
  if (m.mimeType) w.uint32(26).string(wireString(m.mimeType));
}

function writeListProcessesRequest(m: Init<M.ListProcessesRequest>, w: WireWriter): void {
  if (m.filter) w.uint32(10).string(wireString(m.filter));
  if (m.includeThreads) w.uint32(16).bool(m.includeThreads);
  if (m.maxEntries) w.uint32(24).uint32(m.maxEntries);
}

function writeProcessInfo(m: Init<M.ProcessInfo>, w: WireWriter): void {
  if (m.pid) w.uint32(8).uint32(m.pid);
  if (m.ppid) w.uint32(16).uint32(m.ppid);
  if (m.name) w.uint32(26).string(wireString(m.name));
  if (m.commandLine) w.uint32(34).string(wireString(m.commandLine));
  if (m.user) w.uint32(42).string(wireString(m.user));
  if (m.cpuPercent !== undefined && !Object.is(m.cpuPercent, 0)) w.uint32(49).double(m.cpuPercent);
  if (m.memoryBytes) w.uint32(56).uint64(wireUint64(m.memoryBytes));
  if (m.state) w.uint32(66).string(wireString(m.state));
  if (m.startedAt !== undefined) {
    w.uint32(74).fork();
    writeTimestamp(m.startedAt, w);
    w.ldelim();
  }
  if (m.threadCount) w.uint32(80).uint32(m.threadCount);
  if (m.workingDirectory) w.uint32(90).string(wireString(m.workingDirectory));
  for (const item of m.threads ?? []) {
    w.uint32(162).fork();
    writeThreadInfo(item, w);
    w.ldelim();
  }
}

function writeThreadInfo(m: Init<M.ThreadInfo>, w: WireWriter): void {
  if (m.tid) w.uint32(8).uint32(m.tid);
  if (m.name) w.uint32(18).string(wireString(m.name));
  if (m.state) w.uint32(26).string(wireString(m.state));
}

function writeListProcessesResponse(m: Init<M.ListProcessesResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  for (const item of m.processes ?? []) {
    w.uint32(18).fork();
    writeProcessInfo(item, w);
    w.ldelim();
  }
  if (m.error) w.uint32(26).string(wireString(m.error));
}

function writeKillProcessRequest(m: Init<M.KillProcessRequest>, w: WireWriter): void {
  if (m.pid) w.uint32(8).uint32(m.pid);
  if (m.signal) w.uint32(16).int32(m.signal);
}

function writeKillProcessResponse(m: Init<M.KillProcessResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.error) w.uint32(18).string(wireString(m.error));
}

function writeListServicesRequest(m: Init<M.ListServicesRequest>, w: WireWriter): void {
  if (m.filter) w.uint32(10).string(wireString(m.filter));
  if (m.includeDisabled) w.uint32(16).bool(m.includeDisabled);
}

function writeServiceInfo(m: Init<M.ServiceInfo>, w: WireWriter): void {
  if (m.name) w.uint32(10).string(wireString(m.name));
  if (m.displayName) w.uint32(18).string(wireString(m.displayName));
  if (m.state) w.uint32(26).string(wireString(m.state));
  if (m.startType) w.uint32(34).string(wireString(m.startType));
  if (m.description) w.uint32(42).string(wireString(m.description));
  if (m.pid) w.uint32(48).uint32(m.pid);
  if (m.memoryBytes) w.uint32(56).uint64(wireUint64(m.memoryBytes));
}

function writeListServicesResponse(m: Init<M.ListServicesResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  for (const item of m.services ?? []) {
    w.uint32(18).fork();
    writeServiceInfo(item, w);
    w.ldelim();
  }
  if (m.error) w.uint32(26).string(wireString(m.error));
}

function writeServiceControlRequest(m: Init<M.ServiceControlRequest>, w: WireWriter): void {
  if (m.name) w.uint32(10).string(wireString(m.name));
  if (m.action) w.uint32(16).int32(m.action);
}

function writeServiceControlResponse(m: Init<M.ServiceControlResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.newState) w.uint32(18).string(wireString(m.newState));
  if (m.error) w.uint32(26).string(wireString(m.error));
}

function writeGetHardwareInfoRequest(m: Init<M.GetHardwareInfoRequest>, w: WireWriter): void {
  if (m.includeCpuDetails) w.uint32(8).bool(m.includeCpuDetails);
  if (m.includeDiskDetails) w.uint32(16).bool(m.includeDiskDetails);
  if (m.includeNetworkDetails) w.uint32(24).bool(m.includeNetworkDetails);
}

function writeGetHardwareInfoResponse(m: Init<M.GetHardwareInfoResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.hardware !== undefined) {
    w.uint32(18).fork();
    writeHardwareInfo(m.hardware, w);
    w.ldelim();
  }
  if (m.error) w.uint32(26).string(wireString(m.error));
}

function writeHardwareInfo(m: Init<M.HardwareInfo>, w: WireWriter): void {
  if (m.cpu !== undefined) {
    w.uint32(10).fork();
    writeCpuInfo(m.cpu, w);
    w.ldelim();
  }
  if (m.memory !== undefined) {
    w.uint32(18).fork();
    writeMemoryInfo(m.memory, w);
    w.ldelim();
  }
  for (const item of m.disks ?? []) {
    w.uint32(26).fork();
    writeDiskInfo(item, w);
    w.ldelim();
  }
  for (const item of m.networkAdapters ?? []) {
    w.uint32(34).fork();
    writeNetworkAdapterInfo(item, w);
    w.ldelim();
  }
  if (m.bios !== undefined) {
    w.uint32(42).fork();
    writeBiosInfo(m.bios, w);
    w.ldelim();
  }
  if (m.os !== undefined) {
    w.uint32(50).fork();
    writeOsInfo(m.os, w);
    w.ldelim();
  }
  for (const item of m.gpus ?? []) {
    w.uint32(58).fork();
    writeGpuInfo(item, w);
    w.ldelim();
  }
}

function writeCpuInfo(m: Init<M.CpuInfo>, w: WireWriter): void {
  if (m.model) w.uint32(10).string(wireString(m.model));
  if (m.cores) w.uint32(16).uint32(m.cores);
  if (m.threads) w.uint32(24).uint32(m.threads);
  if (m.frequencyMhz !== undefined && !Object.is(m.frequencyMhz, 0)) w.uint32(33).double(m.frequencyMhz);
  if (m.architecture) w.uint32(42).string(wireString(m.architecture));
  for (const item of m.flags ?? []) w.uint32(50).string(wireString(item));
  if (m.vendor) w.uint32(58).string(wireString(m.vendor));
  if (m.sockets) w.uint32(64).uint32(m.sockets);
  if (m.l1CacheBytes) w.uint32(72).uint64(wireUint64(m.l1CacheBytes));
  if (m.l2CacheBytes) w.uint32(80).uint64(wireUint64(m.l2CacheBytes));
  if (m.l3CacheBytes) w.uint32(88).uint64(wireUint64(m.l3CacheBytes));
}

function writeMemoryInfo(m: Init<M.MemoryInfo>, w: WireWriter): void {
  if (m.totalBytes) w.uint32(8).uint64(wireUint64(m.totalBytes));
  if (m.availableBytes) w.uint32(16).uint64(wireUint64(m.availableBytes));
  if (m.memoryType) w.uint32(26).string(wireString(m.memoryType));
  if (m.speedMhz) w.uint32(32).uint32(m.speedMhz);
  if (m.dimmCount) w.uint32(40).uint32(m.dimmCount);
}

function writeDiskInfo(m: Init<M.DiskInfo>, w: WireWriter): void {
  if (m.device) w.uint32(10).string(wireString(m.device));
  if (m.model) w.uint32(18).string(wireString(m.model));
  if (m.serial) w.uint32(26).string(wireString(m.serial));
  if (m.sizeBytes) w.uint32(32).uint64(wireUint64(m.sizeBytes));
  if (m.diskType) w.uint32(42).string(wireString(m.diskType));
  if (m.interface) w.uint32(50).string(wireString(m.interface));
  if (m.isVirtual) w.uint32(56).bool(m.isVirtual);
  for (const item of m.partitions ?? []) {
    w.uint32(66).fork();
    writePartitionInfo(item, w);
    w.ldelim();
  }
}

function writePartitionInfo(m: Init<M.PartitionInfo>, w: WireWriter): void {
  if (m.device) w.uint32(10).string(wireString(m.device));
  if (m.mountPoint) w.uint32(18).string(wireString(m.mountPoint));
  if (m.filesystem) w.uint32(26).string(wireString(m.filesystem));
  if (m.sizeBytes) w.uint32(32).uint64(wireUint64(m.sizeBytes));
  if (m.usedBytes) w.uint32(40).uint64(wireUint64(m.usedBytes));
  if (m.label) w.uint32(50).string(wireString(m.label));
}

function writeNetworkAdapterInfo(m: Init<M.NetworkAdapterInfo>, w: WireWriter): void {
  if (m.name) w.uint32(10).string(wireString(m.name));
  if (m.macAddress) w.uint32(18).string(wireString(m.macAddress));
  if (m.adapterType) w.uint32(26).string(wireString(m.adapterType));
  if (m.speedMbps) w.uint32(32).uint32(m.speedMbps);
  if (m.isVirtual) w.uint32(40).bool(m.isVirtual);
  if (m.driver) w.uint32(50).string(wireString(m.driver));
  if (m.pciAddress) w.uint32(58).string(wireString(m.pciAddress));
}

function writeBiosInfo(m: Init<M.BiosInfo>, w: WireWriter): void {
  if (m.vendor) w.uint32(10).string(wireString(m.vendor));
  if (m.version) w.uint32(18).string(wireString(m.version));
  if (m.releaseDate) w.uint32(26).string(wireString(m.releaseDate));
  if (m.systemManufacturer) w.uint32(34).string(wireString(m.systemManufacturer));
  if (m.systemProduct) w.uint32(42).string(wireString(m.systemProduct));
  if (m.systemSerial) w.uint32(50).string(wireString(m.systemSerial));
  if (m.systemUuid) w.uint32(58).string(wireString(m.systemUuid));
}

function writeOsInfo(m: Init<M.OsInfo>, w: WireWriter): void {
  if (m.name) w.uint32(10).string(wireString(m.name));
  if (m.version) w.uint32(18).string(wireString(m.version));
  if (m.build) w.uint32(26).string(wireString(m.build));
  if (m.kernel) w.uint32(34).string(wireString(m.kernel));
  if (m.architecture) w.uint32(42).string(wireString(m.architecture));
  if (m.installDate !== undefined) {
    w.uint32(50).fork();
    writeTimestamp(m.installDate, w);
    w.ldelim();
  }
  if (m.lastBoot !== undefined) {
    w.uint32(58).fork();
    writeTimestamp(m.lastBoot, w);
    w.ldelim();
  }
  if (m.hostname) w.uint32(66).string(wireString(m.hostname));
  if (m.domain) w.uint32(74).string(wireString(m.domain));
}

function writeGpuInfo(m: Init<M.GpuInfo>, w: WireWriter): void {
  if (m.name) w.uint32(10).string(wireString(m.name));
  if (m.vendor) w.uint32(18).string(wireString(m.vendor));
  if (m.driverVersion) w.uint32(26).string(wireString(m.driverVersion));
  if (m.vramBytes) w.uint32(32).uint64(wireUint64(m.vramBytes));
  if (m.pciAddress) w.uint32(42).string(wireString(m.pciAddress));
}

function writeListInstalledSoftwareRequest(m: Init<M.ListInstalledSoftwareRequest>, w: WireWriter): void {
  if (m.filter) w.uint32(10).string(wireString(m.filter));
  if (m.maxEntries) w.uint32(16).uint32(m.maxEntries);
}

function writeInstalledSoftware(m: Init<M.InstalledSoftware>, w: WireWriter): void {
  if (m.name) w.uint32(10).string(wireString(m.name));
  if (m.version) w.uint32(18).string(wireString(m.version));
  if (m.publisher) w.uint32(26).string(wireString(m.publisher));
  if (m.installDate !== undefined) {
    w.uint32(34).fork();
    writeTimestamp(m.installDate, w);
    w.ldelim();
  }
  if (m.sizeBytes) w.uint32(40).uint64(wireUint64(m.sizeBytes));
  if (m.packageType) w.uint32(50).string(wireString(m.packageType));
  if (m.architecture) w.uint32(58).string(wireString(m.architecture));
}

function writeListInstalledSoftwareResponse(m: Init<M.ListInstalledSoftwareResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  for (const item of m.software ?? []) {
    w.uint32(18).fork();
    writeInstalledSoftware(item, w);
    w.ldelim();
  }
  if (m.error) w.uint32(26).string(wireString(m.error));
  if (m.totalCount) w.uint32(32).uint32(m.totalCount);
}

function writeTelemetryReport(m: Init<M.TelemetryReport>, w: WireWriter): void {
  if (m.cpuUsagePercent !== undefined && !Object.is(m.cpuUsagePercent, 0)) w.uint32(9).double(m.cpuUsagePercent);
  if (m.memoryTotalBytes) w.uint32(16).uint64(wireUint64(m.memoryTotalBytes));
  if (m.memoryUsedBytes) w.uint32(24).uint64(wireUint64(m.memoryUsedBytes));
  if (m.memoryAvailableBytes) w.uint32(32).uint64(wireUint64(m.memoryAvailableBytes));
  if (m.swapTotalBytes) w.uint32(40).uint64(wireUint64(m.swapTotalBytes));
  if (m.swapUsedBytes) w.uint32(48).uint64(wireUint64(m.swapUsedBytes));
  for (const item of m.disks ?? []) {
    w.uint32(58).fork();
    writeDiskUsage(item, w);
    w.ldelim();
  }
  for (const item of m.interfaces ?? []) {
    w.uint32(66).fork();
    writeInterfaceInfo(item, w);
    w.ldelim();
  }
  if (m.loadAvg1 !== undefined && !Object.is(m.loadAvg1, 0)) w.uint32(73).double(m.loadAvg1);
  if (m.loadAvg5 !== undefined && !Object.is(m.loadAvg5, 0)) w.uint32(81).double(m.loadAvg5);
  if (m.loadAvg15 !== undefined && !Object.is(m.loadAvg15, 0)) w.uint32(89).double(m.loadAvg15);
  if (m.processCount) w.uint32(96).uint32(m.processCount);
  if (m.uptimeSeconds) w.uint32(104).uint64(wireUint64(m.uptimeSeconds));
  if (m.hostname) w.uint32(114).string(wireString(m.hostname));
  if (m.cpuCorePercent !== undefined && m.cpuCorePercent.length > 0) {
    w.uint32(162).fork();
    for (const item of m.cpuCorePercent) w.double(item);
    w.ldelim();
  }
  for (const item of m.ipAddresses ?? []) w.uint32(170).string(wireString(item));
  if (m.os !== undefined) {
    w.uint32(178).fork();
    writeOsInfo(m.os, w);
    w.ldelim();
  }
}

function writeDiskUsage(m: Init<M.DiskUsage>, w: WireWriter): void {
  if (m.mountPoint) w.uint32(10).string(wireString(m.mountPoint));
  if (m.filesystem) w.uint32(18).string(wireString(m.filesystem));
  if (m.device) w.uint32(26).string(wireString(m.device));
  if (m.totalBytes) w.uint32(32).uint64(wireUint64(m.totalBytes));
  if (m.usedBytes) w.uint32(40).uint64(wireUint64(m.usedBytes));
  if (m.availableBytes) w.uint32(48).uint64(wireUint64(m.availableBytes));
  if (m.usagePercent !== undefined && !Object.is(m.usagePercent, 0)) w.uint32(57).double(m.usagePercent);
}

function writeInterfaceInfo(m: Init<M.InterfaceInfo>, w: WireWriter): void {
  if (m.name) w.uint32(10).string(wireString(m.name));
  if (m.macAddress) w.uint32(18).string(wireString(m.macAddress));
  for (const item of m.ipv4Addresses ?? []) w.uint32(26).string(wireString(item));
  for (const item of m.ipv6Addresses ?? []) w.uint32(34).string(wireString(item));
  if (m.state) w.uint32(40).int32(m.state);
  if (m.mtu) w.uint32(48).uint32(m.mtu);
  if (m.rxBytes) w.uint32(56).uint64(wireUint64(m.rxBytes));
  if (m.txBytes) w.uint32(64).uint64(wireUint64(m.txBytes));
  if (m.rxPackets) w.uint32(72).uint64(wireUint64(m.rxPackets));
  if (m.txPackets) w.uint32(80).uint64(wireUint64(m.txPackets));
}

function writeAgentReadyEvent(m: Init<M.AgentReadyEvent>, w: WireWriter): void {
  if (m.version) w.uint32(10).string(wireString(m.version));
  if (m.osName) w.uint32(18).string(wireString(m.osName));
  if (m.osVersion) w.uint32(26).string(wireString(m.osVersion));
  if (m.kernelVersion) w.uint32(34).string(wireString(m.kernelVersion));
  if (m.architecture) w.uint32(42).string(wireString(m.architecture));
  if (m.hostname) w.uint32(50).string(wireString(m.hostname));
  for (const item of m.ipAddresses ?? []) w.uint32(58).string(wireString(item));
  for (const item of m.capabilities ?? []) w.uint32(66).string(wireString(item));
  if (m.bootId) w.uint32(162).string(wireString(m.bootId));
  if (m.sessionId) w.uint32(170).string(wireString(m.sessionId));
  if (m.degraded !== undefined) {
    w.uint32(178).fork();
    writeAgentError(m.degraded, w);
    w.ldelim();
  }
}

function writeErrorEvent(m: Init<M.ErrorEvent>, w: WireWriter): void {
  if (m.severity) w.uint32(8).int32(m.severity);
  if (m.code) w.uint32(18).string(wireString(m.code));
  if (m.message) w.uint32(26).string(wireString(m.message));
  if (m.details) {
    for (const key of Object.keys(m.details)) {
      w.uint32(34).fork().uint32(10).string(wireString(key)).uint32(18).string(wireString(m.details[key] ?? '')).ldelim();
    }
  }
}

function writeAgentUpdateRequest(m: Init<M.AgentUpdateRequest>, w: WireWriter): void {
  if (m.targetVersion) w.uint32(10).string(wireString(m.targetVersion));
  if (m.binaryData !== undefined && m.binaryData.length > 0) w.uint32(18).bytes(m.binaryData);
  if (m.chunkNumber) w.uint32(24).uint32(m.chunkNumber);
  if (m.isLastChunk) w.uint32(32).bool(m.isLastChunk);
  if (m.checksumSha256) w.uint32(42).string(wireString(m.checksumSha256));
  if (m.totalSize) w.uint32(48).uint64(wireUint64(m.totalSize));
  if (m.component) w.uint32(162).string(wireString(m.component));
  if (m.signature !== undefined && m.signature.length > 0) w.uint32(170).bytes(m.signature);
}

function writeAgentUpdateResponse(m: Init<M.AgentUpdateResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.currentVersion) w.uint32(18).string(wireString(m.currentVersion));
  if (m.error) w.uint32(26).string(wireString(m.error));
  if (m.restartRequired) w.uint32(32).bool(m.restartRequired);
  if (m.progressPercent) w.uint32(40).uint32(m.progressPercent);
  if (m.state) w.uint32(48).int32(m.state);
  if (m.component) w.uint32(162).string(wireString(m.component));
}

function writeGetCapabilitiesRequest(_m: Init<M.GetCapabilitiesRequest>, _w: WireWriter): void {
}

function writeGetCapabilitiesResponse(m: Init<M.GetCapabilitiesResponse>, w: WireWriter): void {
  if (m.version) w.uint32(10).string(wireString(m.version));
  if (m.os) w.uint32(18).string(wireString(m.os));
  if (m.architecture) w.uint32(26).string(wireString(m.architecture));
  for (const item of m.capabilities ?? []) w.uint32(34).string(wireString(item));
  if (m.features) {
    for (const key of Object.keys(m.features)) {
      w.uint32(42).fork().uint32(10).string(wireString(key)).uint32(18).string(wireString(m.features[key] ?? '')).ldelim();
    }
  }
  if (m.buildTime) w.uint32(50).string(wireString(m.buildTime));
  if (m.buildCommit) w.uint32(58).string(wireString(m.buildCommit));
  for (const item of m.plugins ?? []) {
    w.uint32(162).fork();
    writePluginInfo(item, w);
    w.ldelim();
  }
  if (m.maxMessageBytes) w.uint32(168).uint32(m.maxMessageBytes);
  if (m.maxChunkBytes) w.uint32(176).uint32(m.maxChunkBytes);
}

function writeCancelRequest(m: Init<M.CancelRequest>, w: WireWriter): void {
  if (m.messageId) w.uint32(10).string(wireString(m.messageId));
}

function writeCancelResponse(m: Init<M.CancelResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.error) w.uint32(18).string(wireString(m.error));
}

function writePluginInfo(m: Init<M.PluginInfo>, w: WireWriter): void {
  if (m.name) w.uint32(10).string(wireString(m.name));
  if (m.version) w.uint32(18).string(wireString(m.version));
  if (m.state) w.uint32(24).int32(m.state);
  for (const item of m.capabilities ?? []) w.uint32(34).string(wireString(item));
  if (m.error) w.uint32(42).string(wireString(m.error));
  if (m.previousVersion) w.uint32(50).string(wireString(m.previousVersion));
  if (m.requestsServed) w.uint32(56).uint64(wireUint64(m.requestsServed));
  if (m.requestsFailed) w.uint32(64).uint64(wireUint64(m.requestsFailed));
  if (m.thirdParty) w.uint32(72).bool(m.thirdParty);
}

function writeListPluginsRequest(_m: Init<M.ListPluginsRequest>, _w: WireWriter): void {
}

function writeListPluginsResponse(m: Init<M.ListPluginsResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  for (const item of m.plugins ?? []) {
    w.uint32(18).fork();
    writePluginInfo(item, w);
    w.ldelim();
  }
  if (m.error) w.uint32(26).string(wireString(m.error));
}

function writePluginControlRequest(m: Init<M.PluginControlRequest>, w: WireWriter): void {
  if (m.name) w.uint32(10).string(wireString(m.name));
  if (m.action) w.uint32(16).int32(m.action);
}

function writePluginControlResponse(m: Init<M.PluginControlResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.plugin !== undefined) {
    w.uint32(18).fork();
    writePluginInfo(m.plugin, w);
    w.ldelim();
  }
  if (m.error) w.uint32(26).string(wireString(m.error));
}

function writePluginCallRequest(m: Init<M.PluginCallRequest>, w: WireWriter): void {
  if (m.plugin) w.uint32(10).string(wireString(m.plugin));
  if (m.method) w.uint32(18).string(wireString(m.method));
  if (m.payload !== undefined && m.payload.length > 0) w.uint32(26).bytes(m.payload);
}

function writePluginCallResponse(m: Init<M.PluginCallResponse>, w: WireWriter): void {
  if (m.success) w.uint32(8).bool(m.success);
  if (m.payload !== undefined && m.payload.length > 0) w.uint32(18).bytes(m.payload);
  if (m.error) w.uint32(26).string(wireString(m.error));
}

function writePluginEvent(m: Init<M.PluginEvent>, w: WireWriter): void {
  if (m.plugin) w.uint32(10).string(wireString(m.plugin));
  if (m.event) w.uint32(18).string(wireString(m.event));
  if (m.payload !== undefined && m.payload.length > 0) w.uint32(26).bytes(m.payload);
}

function writePluginStateEvent(m: Init<M.PluginStateEvent>, w: WireWriter): void {
  if (m.plugin !== undefined) {
    w.uint32(10).fork();
    writePluginInfo(m.plugin, w);
    w.ldelim();
  }
}

export const Timestamp: Codec<M.Timestamp> = { name: 'Timestamp', read: readTimestamp, write: writeTimestamp };
export const AgentError: Codec<M.AgentError> = { name: 'AgentError', read: readAgentError, write: writeAgentError };
export const PingRequest: Codec<M.PingRequest> = { name: 'PingRequest', read: readPingRequest, write: writePingRequest };
export const PongResponse: Codec<M.PongResponse> = { name: 'PongResponse', read: readPongResponse, write: writePongResponse };
export const ExecuteRequest: Codec<M.ExecuteRequest> = { name: 'ExecuteRequest', read: readExecuteRequest, write: writeExecuteRequest };
export const ExecuteResponse: Codec<M.ExecuteResponse> = { name: 'ExecuteResponse', read: readExecuteResponse, write: writeExecuteResponse };
export const FileWriteRequest: Codec<M.FileWriteRequest> = { name: 'FileWriteRequest', read: readFileWriteRequest, write: writeFileWriteRequest };
export const FileWriteResponse: Codec<M.FileWriteResponse> = { name: 'FileWriteResponse', read: readFileWriteResponse, write: writeFileWriteResponse };
export const FileReadRequest: Codec<M.FileReadRequest> = { name: 'FileReadRequest', read: readFileReadRequest, write: writeFileReadRequest };
export const FileReadResponse: Codec<M.FileReadResponse> = { name: 'FileReadResponse', read: readFileReadResponse, write: writeFileReadResponse };
export const ListDirectoryRequest: Codec<M.ListDirectoryRequest> = { name: 'ListDirectoryRequest', read: readListDirectoryRequest, write: writeListDirectoryRequest };
export const ListDirectoryResponse: Codec<M.ListDirectoryResponse> = { name: 'ListDirectoryResponse', read: readListDirectoryResponse, write: writeListDirectoryResponse };
export const DirectoryEntry: Codec<M.DirectoryEntry> = { name: 'DirectoryEntry', read: readDirectoryEntry, write: writeDirectoryEntry };
export const CreateDirectoryRequest: Codec<M.CreateDirectoryRequest> = { name: 'CreateDirectoryRequest', read: readCreateDirectoryRequest, write: writeCreateDirectoryRequest };
export const CreateDirectoryResponse: Codec<M.CreateDirectoryResponse> = { name: 'CreateDirectoryResponse', read: readCreateDirectoryResponse, write: writeCreateDirectoryResponse };
export const FileDeleteRequest: Codec<M.FileDeleteRequest> = { name: 'FileDeleteRequest', read: readFileDeleteRequest, write: writeFileDeleteRequest };
export const FileDeleteResponse: Codec<M.FileDeleteResponse> = { name: 'FileDeleteResponse', read: readFileDeleteResponse, write: writeFileDeleteResponse };
export const FileStatRequest: Codec<M.FileStatRequest> = { name: 'FileStatRequest', read: readFileStatRequest, write: writeFileStatRequest };
export const FileStatResponse: Codec<M.FileStatResponse> = { name: 'FileStatResponse', read: readFileStatResponse, write: writeFileStatResponse };
export const ShutdownRequest: Codec<M.ShutdownRequest> = { name: 'ShutdownRequest', read: readShutdownRequest, write: writeShutdownRequest };
export const ShutdownResponse: Codec<M.ShutdownResponse> = { name: 'ShutdownResponse', read: readShutdownResponse, write: writeShutdownResponse };
export const ResetPasswordRequest: Codec<M.ResetPasswordRequest> = { name: 'ResetPasswordRequest', read: readResetPasswordRequest, write: writeResetPasswordRequest };
export const ResetPasswordResponse: Codec<M.ResetPasswordResponse> = { name: 'ResetPasswordResponse', read: readResetPasswordResponse, write: writeResetPasswordResponse };
export const ConfigureNetworkRequest: Codec<M.ConfigureNetworkRequest> = { name: 'ConfigureNetworkRequest', read: readConfigureNetworkRequest, write: writeConfigureNetworkRequest };
export const ConfigureNetworkResponse: Codec<M.ConfigureNetworkResponse> = { name: 'ConfigureNetworkResponse', read: readConfigureNetworkResponse, write: writeConfigureNetworkResponse };
export const QuiesceRequest: Codec<M.QuiesceRequest> = { name: 'QuiesceRequest', read: readQuiesceRequest, write: writeQuiesceRequest };
export const FrozenFilesystem: Codec<M.FrozenFilesystem> = { name: 'FrozenFilesystem', read: readFrozenFilesystem, write: writeFrozenFilesystem };
export const QuiesceResponse: Codec<M.QuiesceResponse> = { name: 'QuiesceResponse', read: readQuiesceResponse, write: writeQuiesceResponse };
export const ThawRequest: Codec<M.ThawRequest> = { name: 'ThawRequest', read: readThawRequest, write: writeThawRequest };
export const ThawResponse: Codec<M.ThawResponse> = { name: 'ThawResponse', read: readThawResponse, write: writeThawResponse };
export const SyncTimeRequest: Codec<M.SyncTimeRequest> = { name: 'SyncTimeRequest', read: readSyncTimeRequest, write: writeSyncTimeRequest };
export const SyncTimeResponse: Codec<M.SyncTimeResponse> = { name: 'SyncTimeResponse', read: readSyncTimeResponse, write: writeSyncTimeResponse };
export const DisplayResizeRequest: Codec<M.DisplayResizeRequest> = { name: 'DisplayResizeRequest', read: readDisplayResizeRequest, write: writeDisplayResizeRequest };
export const DisplayResizeResponse: Codec<M.DisplayResizeResponse> = { name: 'DisplayResizeResponse', read: readDisplayResizeResponse, write: writeDisplayResizeResponse };
export const ClipboardUpdateRequest: Codec<M.ClipboardUpdateRequest> = { name: 'ClipboardUpdateRequest', read: readClipboardUpdateRequest, write: writeClipboardUpdateRequest };
export const ClipboardUpdateResponse: Codec<M.ClipboardUpdateResponse> = { name: 'ClipboardUpdateResponse', read: readClipboardUpdateResponse, write: writeClipboardUpdateResponse };
export const ClipboardGetRequest: Codec<M.ClipboardGetRequest> = { name: 'ClipboardGetRequest', read: readClipboardGetRequest, write: writeClipboardGetRequest };
export const ClipboardGetResponse: Codec<M.ClipboardGetResponse> = { name: 'ClipboardGetResponse', read: readClipboardGetResponse, write: writeClipboardGetResponse };
export const ClipboardChangedEvent: Codec<M.ClipboardChangedEvent> = { name: 'ClipboardChangedEvent', read: readClipboardChangedEvent, write: writeClipboardChangedEvent };
export const ListProcessesRequest: Codec<M.ListProcessesRequest> = { name: 'ListProcessesRequest', read: readListProcessesRequest, write: writeListProcessesRequest };
export const ProcessInfo: Codec<M.ProcessInfo> = { name: 'ProcessInfo', read: readProcessInfo, write: writeProcessInfo };
export const ThreadInfo: Codec<M.ThreadInfo> = { name: 'ThreadInfo', read: readThreadInfo, write: writeThreadInfo };
export const ListProcessesResponse: Codec<M.ListProcessesResponse> = { name: 'ListProcessesResponse', read: readListProcessesResponse, write: writeListProcessesResponse };
export const KillProcessRequest: Codec<M.KillProcessRequest> = { name: 'KillProcessRequest', read: readKillProcessRequest, write: writeKillProcessRequest };
export const KillProcessResponse: Codec<M.KillProcessResponse> = { name: 'KillProcessResponse', read: readKillProcessResponse, write: writeKillProcessResponse };
export const ListServicesRequest: Codec<M.ListServicesRequest> = { name: 'ListServicesRequest', read: readListServicesRequest, write: writeListServicesRequest };
export const ServiceInfo: Codec<M.ServiceInfo> = { name: 'ServiceInfo', read: readServiceInfo, write: writeServiceInfo };
export const ListServicesResponse: Codec<M.ListServicesResponse> = { name: 'ListServicesResponse', read: readListServicesResponse, write: writeListServicesResponse };
export const ServiceControlRequest: Codec<M.ServiceControlRequest> = { name: 'ServiceControlRequest', read: readServiceControlRequest, write: writeServiceControlRequest };
export const ServiceControlResponse: Codec<M.ServiceControlResponse> = { name: 'ServiceControlResponse', read: readServiceControlResponse, write: writeServiceControlResponse };
export const GetHardwareInfoRequest: Codec<M.GetHardwareInfoRequest> = { name: 'GetHardwareInfoRequest', read: readGetHardwareInfoRequest, write: writeGetHardwareInfoRequest };
export const GetHardwareInfoResponse: Codec<M.GetHardwareInfoResponse> = { name: 'GetHardwareInfoResponse', read: readGetHardwareInfoResponse, write: writeGetHardwareInfoResponse };
export const HardwareInfo: Codec<M.HardwareInfo> = { name: 'HardwareInfo', read: readHardwareInfo, write: writeHardwareInfo };
export const CpuInfo: Codec<M.CpuInfo> = { name: 'CpuInfo', read: readCpuInfo, write: writeCpuInfo };
export const MemoryInfo: Codec<M.MemoryInfo> = { name: 'MemoryInfo', read: readMemoryInfo, write: writeMemoryInfo };
export const DiskInfo: Codec<M.DiskInfo> = { name: 'DiskInfo', read: readDiskInfo, write: writeDiskInfo };
export const PartitionInfo: Codec<M.PartitionInfo> = { name: 'PartitionInfo', read: readPartitionInfo, write: writePartitionInfo };
export const NetworkAdapterInfo: Codec<M.NetworkAdapterInfo> = { name: 'NetworkAdapterInfo', read: readNetworkAdapterInfo, write: writeNetworkAdapterInfo };
export const BiosInfo: Codec<M.BiosInfo> = { name: 'BiosInfo', read: readBiosInfo, write: writeBiosInfo };
export const OsInfo: Codec<M.OsInfo> = { name: 'OsInfo', read: readOsInfo, write: writeOsInfo };
export const GpuInfo: Codec<M.GpuInfo> = { name: 'GpuInfo', read: readGpuInfo, write: writeGpuInfo };
export const ListInstalledSoftwareRequest: Codec<M.ListInstalledSoftwareRequest> = { name: 'ListInstalledSoftwareRequest', read: readListInstalledSoftwareRequest, write: writeListInstalledSoftwareRequest };
export const InstalledSoftware: Codec<M.InstalledSoftware> = { name: 'InstalledSoftware', read: readInstalledSoftware, write: writeInstalledSoftware };
export const ListInstalledSoftwareResponse: Codec<M.ListInstalledSoftwareResponse> = { name: 'ListInstalledSoftwareResponse', read: readListInstalledSoftwareResponse, write: writeListInstalledSoftwareResponse };
export const TelemetryReport: Codec<M.TelemetryReport> = { name: 'TelemetryReport', read: readTelemetryReport, write: writeTelemetryReport };
export const DiskUsage: Codec<M.DiskUsage> = { name: 'DiskUsage', read: readDiskUsage, write: writeDiskUsage };
export const InterfaceInfo: Codec<M.InterfaceInfo> = { name: 'InterfaceInfo', read: readInterfaceInfo, write: writeInterfaceInfo };
export const AgentReadyEvent: Codec<M.AgentReadyEvent> = { name: 'AgentReadyEvent', read: readAgentReadyEvent, write: writeAgentReadyEvent };
export const ErrorEvent: Codec<M.ErrorEvent> = { name: 'ErrorEvent', read: readErrorEvent, write: writeErrorEvent };
export const AgentUpdateRequest: Codec<M.AgentUpdateRequest> = { name: 'AgentUpdateRequest', read: readAgentUpdateRequest, write: writeAgentUpdateRequest };
export const AgentUpdateResponse: Codec<M.AgentUpdateResponse> = { name: 'AgentUpdateResponse', read: readAgentUpdateResponse, write: writeAgentUpdateResponse };
export const GetCapabilitiesRequest: Codec<M.GetCapabilitiesRequest> = { name: 'GetCapabilitiesRequest', read: readGetCapabilitiesRequest, write: writeGetCapabilitiesRequest };
export const GetCapabilitiesResponse: Codec<M.GetCapabilitiesResponse> = { name: 'GetCapabilitiesResponse', read: readGetCapabilitiesResponse, write: writeGetCapabilitiesResponse };
export const CancelRequest: Codec<M.CancelRequest> = { name: 'CancelRequest', read: readCancelRequest, write: writeCancelRequest };
export const CancelResponse: Codec<M.CancelResponse> = { name: 'CancelResponse', read: readCancelResponse, write: writeCancelResponse };
export const PluginInfo: Codec<M.PluginInfo> = { name: 'PluginInfo', read: readPluginInfo, write: writePluginInfo };
export const ListPluginsRequest: Codec<M.ListPluginsRequest> = { name: 'ListPluginsRequest', read: readListPluginsRequest, write: writeListPluginsRequest };
export const ListPluginsResponse: Codec<M.ListPluginsResponse> = { name: 'ListPluginsResponse', read: readListPluginsResponse, write: writeListPluginsResponse };
export const PluginControlRequest: Codec<M.PluginControlRequest> = { name: 'PluginControlRequest', read: readPluginControlRequest, write: writePluginControlRequest };
export const PluginControlResponse: Codec<M.PluginControlResponse> = { name: 'PluginControlResponse', read: readPluginControlResponse, write: writePluginControlResponse };
export const PluginCallRequest: Codec<M.PluginCallRequest> = { name: 'PluginCallRequest', read: readPluginCallRequest, write: writePluginCallRequest };
export const PluginCallResponse: Codec<M.PluginCallResponse> = { name: 'PluginCallResponse', read: readPluginCallResponse, write: writePluginCallResponse };
export const PluginEvent: Codec<M.PluginEvent> = { name: 'PluginEvent', read: readPluginEvent, write: writePluginEvent };
export const PluginStateEvent: Codec<M.PluginStateEvent> = { name: 'PluginStateEvent', read: readPluginStateEvent, write: writePluginStateEvent };
