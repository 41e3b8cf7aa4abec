import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { AgentClient } from '@limiquantix/agent-client';
import { FileRead, type FileReadResponse, timestampMs } from '@limiquantix/agent-proto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AGENT, type AgentRoute } from '../call-route.ts';
import { leaving } from '../caller.ts';
import { badRequest, Refusal } from '../problem.ts';
import { type ByteRange, readRange } from '../range.ts';
import { querySchema } from '../schema.ts';
import type { Vms } from '../vms.ts';

/** Below {@link AGENT}: the bytes of one file. */
export const CONTENT: string = `${AGENT}/files/content`;
/** Who neither sends nor takes a byte for so long has gone. Writing to disk may take 10 minutes. */
export const IDLE_MS: number = 15 * 60_000;

export interface ContentRoute extends AgentRoute {
  readonly Querystring: { readonly path: string } & Readonly<Record<string, string>>;
}
type ContentRequest = FastifyRequest<ContentRoute>;

const DOWNLOAD = querySchema('FileReadRequest', {
  required: ['path'],
  without: ['offset', 'max_bytes'],
});
/** A file of any size as it is, streamed out of the guest. */
export function addDownload(app: FastifyInstance, vms: Vms): void {
  app.route<ContentRoute>({
    method: ['GET', 'HEAD'],
    url: CONTENT,
    schema: { querystring: DOWNLOAD },
    handler: async (request, reply) => send(await vms.get(request.params.vm_id), request, reply),
  });
}

async function send(agent: AgentClient, request: ContentRequest, reply: FastifyReply) {
  const { path } = request.query;
  const signal = leaving(reply);
  const first = await agent.call(FileRead, { path }, { signal });
  const size = sizeOf(first);
  const etag = size === undefined ? undefined : entityTag(first, size);
  reply.headers(describe(first, size, etag));
  if (etag && request.headers['if-none-match'] === etag) return reply.code(304).send();
  const range = size === undefined ? undefined : wantedRange(request.headers, etag, size);
  if (range === 'unsatisfiable') {
    const detail = `the file has ${size} bytes`;
    const headers = { 'content-range': `bytes */${size}` };
    throw new Refusal(416, 'INVALID_OFFSET', badRequest(detail), headers);
  }
  if (range)
    reply.code(206).header('content-range', `bytes ${range.start}-${range.end - 1}/${size}`);
  const wanted = range ?? { start: 0, end: size };
  if (wanted.end !== undefined) reply.header('content-length', wanted.end - wanted.start);
  if (request.method === 'HEAD') return reply.send();
  request.raw.setTimeout(IDLE_MS, () => request.socket.destroy());
  const stream = Readable.from(part(agent, path, first, wanted, signal));
  // It can only be broken off now: the reason is in the log alone.
  stream.on('error', (err) => {
    if (!signal.aborted) request.log.warn({ err, url: request.url }, 'a download broke off');
  });
  return reply.send(stream);
}

/** Undefined where only reading to the end will tell, as in /proc. */
function sizeOf({ data, eof, totalSize }: FileReadResponse): number | undefined {
  if (eof) return data.length;
  return totalSize > data.length ? Number(totalSize) : undefined;
}

function entityTag({ modifiedAt }: FileReadResponse, size: number): string | undefined {
  if (!modifiedAt) return undefined;
  const parts = [modifiedAt.seconds, modifiedAt.nanos, size].map((part) => part.toString(36));
  return `"${parts.join('-')}"`;
}

function describe(
  { modifiedAt }: FileReadResponse,
  size: number | undefined,
  etag: string | undefined,
) {
  return {
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-cache',
    'accept-ranges': size === undefined ? 'none' : 'bytes',
    ...(modifiedAt && { 'last-modified': new Date(timestampMs(modifiedAt)).toUTCString() }),
    ...(etag && { etag }),
  };
}

function wantedRange(headers: IncomingHttpHeaders, etag: string | undefined, size: number) {
  const unchanged = headers['if-range'];
  // A download that goes on must go on with the same file.
  return unchanged === undefined || unchanged === etag ? readRange(headers.range, size) : undefined;
}

async function* part(
  agent: AgentClient,
  path: string,
  first: FileReadResponse,
  { start, end }: Omit<ByteRange, 'end'> & { readonly end: number | undefined },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { data } = first;
  let at = start;
  if (at < data.length) {
    yield data.subarray(at, end);
    at = Math.min(data.length, end ?? data.length);
  }
  if (at === end) return;
  const rest = end === undefined ? {} : { length: end - at };
  for await (const chunk of agent.download(path, { offset: at, ...rest, signal })) {
    at += chunk.length;
    yield chunk;
  }
  // To end the answer here would leave the caller waiting for the length that it was told.
  if (end !== undefined && at !== end) throw new Error(`${path} became shorter while it was read`);
}
