import type {
  AgentFacts,
  Call,
  FileReadRequest,
  FileReadResponse,
  Init,
} from '@limiquantix/plugin-sdk';
import { answerBytes } from './answer-bytes.ts';
import type { ChunkBuffers } from './chunk-buffers.ts';
import { hasCode } from './errors.ts';
import type { GatheredIo } from './gathered-io.ts';
import { parsePath } from './linux/path.ts';
import { permissions } from './mode.ts';
import { exactOffset, offsetPastEnd } from './offset.ts';
import type { Lease, OpenFiles, Readable } from './open-files.ts';
import { timestampOfNs } from './timestamp.ts';

/** What the event loop copies at once, which takes it some 50 us. */
const MOST_NOW = 256 * 1024;

export interface ReadContext {
  readonly files: OpenFiles;
  readonly buffers: ChunkBuffers;
  readonly agent: AgentFacts;
}

interface Asked {
  readonly path: string;
  readonly offset: number;
  readonly maxBytes: number;
}

export function readFile(
  request: FileReadRequest,
  call: Call,
  context: ReadContext,
): Init<FileReadResponse> | Promise<Init<FileReadResponse>> {
  const { agent } = context;
  const asked = {
    path: parsePath(request.path),
    offset: exactOffset(request.offset),
    maxBytes: Math.min(request.maxBytes || agent.maxChunkBytes, answerBytes(agent)),
  };
  return readNow(asked, call, context) ?? readWaiting(asked, call, context);
}

function readNow(
  { path, offset, maxBytes }: Asked,
  call: Call,
  { files, buffers }: ReadContext,
): Init<FileReadResponse> | undefined {
  const file = maxBytes <= MOST_NOW ? files.now(path) : undefined;
  const totalSize = Number(file?.stats.size);
  if (!file || offset >= totalSize) return undefined;
  const data = buffers.take(Math.min(maxBytes, totalSize - offset), call);
  if (!file.fill(data, offset)) return undefined;
  return answered(file, offset, { data, eof: offset + data.length === totalSize, totalSize });
}

async function readWaiting(
  { path, offset, maxBytes }: Asked,
  call: Call,
  { files, buffers }: ReadContext,
): Promise<Init<FileReadResponse>> {
  using file = await files.lease(path);
  const chunk =
    file.stats.size > 0n
      ? await readSized(file, { offset, maxBytes, buffers }, call)
      : await readUnsized(file.io, offset, maxBytes, call);
  return answered(file, offset, chunk);
}

function answered(file: Readable, offset: number, chunk: Chunk): Init<FileReadResponse> {
  if (chunk.eof) file.finish();
  const { mode, mtimeNs } = file.stats;
  return { ...chunk, offset, mode: permissions(mode), modifiedAt: timestampOfNs(mtimeNs) };
}

type Chunk = Required<Pick<FileReadResponse, 'data' | 'eof' | 'totalSize'>>;

async function readSized(
  { io, stats }: Lease,
  {
    offset,
    maxBytes,
    buffers,
  }: Pick<ReadContext, 'buffers'> & { offset: number; maxBytes: number },
  call: Call,
): Promise<Chunk> {
  const size = Number(stats.size);
  if (offset > size) throw offsetPastEnd(offset, size);
  const wanted = Math.min(maxBytes, size - offset);
  const buffer = buffers.take(wanted, call);
  const { data, ended } = await fill(io, buffer, offset, call);
  const end = offset + data.length;
  // A file of /sys claims a page and holds less; any file may have been cut meanwhile.
  return { data, eof: ended || end >= size, totalSize: ended ? end : size };
}

/** Files of /proc claim no size and have content: only reading tells where they end. */
async function readUnsized(
  io: GatheredIo,
  offset: number,
  maxBytes: number,
  call: Call,
): Promise<Chunk> {
  // The one byte more tells whether the file ends here.
  const { data, ended } = await fill(io, Buffer.allocUnsafeSlow(maxBytes + 1), offset, call);
  if (data.length === 0 && offset > 0) {
    const before = await fill(io, Buffer.allocUnsafeSlow(1), offset - 1, call);
    if (before.ended) throw offsetPastEnd(offset, 0);
  }
  return {
    data: data.subarray(0, maxBytes),
    eof: ended,
    totalSize: ended ? offset + data.length : 0,
  };
}

interface Filled {
  readonly data: Buffer;
  /** The file's end came before all of it was filled. */
  readonly ended: boolean;
}

async function fill(io: GatheredIo, buffer: Buffer, offset: number, call: Call): Promise<Filled> {
  let filled = 0;
  while (filled < buffer.length) {
    if (filled > 0) call.signal.throwIfAborted();
    const read = await readOnce(io, buffer, filled, offset + filled);
    // A copy: a few bytes that wait to be sent must not hold on to megabytes.
    if (read === 0) return { data: Buffer.from(buffer.subarray(0, filled)), ended: true };
    filled += read;
  }
  return { data: buffer, ended: false };
}

async function readOnce(
  io: GatheredIo,
  buffer: Buffer,
  at: number,
  position: number,
): Promise<number> {
  try {
    return await io.transfer(buffer.subarray(at), position);
  } catch (error) {
    // A log as /proc/kmsg has nothing more to say for now.
    if (hasCode(error, 'EAGAIN')) return 0;
    throw error;
  }
}
