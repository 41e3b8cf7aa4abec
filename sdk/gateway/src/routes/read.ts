import type { AgentClient } from '@limiquantix/agent-client';
import {
  FileRead,
  type FileReadRequest,
  type FileReadResponse,
  type Init,
} from '@limiquantix/agent-proto';
import { fromJson, type JsonObject } from '@limiquantix/agent-proto/json';
import type { FastifyInstance } from 'fastify';
import { AGENT, type AgentRoute, answerOf, readRequest } from '../call-route.ts';
import { leaving } from '../caller.ts';
import { encodeBytes, encodePart } from '../encoding.ts';
import { bodySchema } from '../schema.ts';
import type { Vms } from '../vms.ts';

/** The most that one JSON answer holds. What is longer goes on at the next offset. */
const MOST_BYTES = 1024 * 1024;
const NO_BYTES = new Uint8Array();

/** A file, or a part of it, as JSON. */
export function addRead(app: FastifyInstance, vms: Vms): void {
  const body = bodySchema('FileReadRequest', { required: ['path'] });
  app.post<AgentRoute & { Body: JsonObject }>(
    `${AGENT}/files/read`,
    { schema: { body } },
    async (request, reply) => {
      const wanted: Init<FileReadRequest> = readRequest(() =>
        fromJson('FileReadRequest', request.body),
      );
      const agent = await vms.get(request.params.vm_id);
      return answer(await readPart(agent, wanted, leaving(reply)));
    },
  );
}

/** In as many calls as the agent's chunks make necessary. */
async function readPart(
  agent: AgentClient,
  { path, offset = 0, maxBytes }: Init<FileReadRequest>,
  signal: AbortSignal,
): Promise<FileReadResponse> {
  const wanted = Math.min(maxBytes || MOST_BYTES, MOST_BYTES);
  let part = await agent.call(FileRead, { path, offset, maxBytes: wanted }, { signal });
  const chunks = [part.data];
  let size = part.data.length;
  while (!part.eof && part.data.length > 0 && size < wanted) {
    const next = { path, offset: Number(offset) + size, maxBytes: wanted - size };
    part = await agent.call(FileRead, next, { signal });
    chunks.push(part.data);
    size += part.data.length;
  }
  return { ...part, offset, data: chunks.length === 1 ? part.data : Buffer.concat(chunks) };
}

function answer(part: FileReadResponse): JsonObject {
  const { data: _, ...rest } = answerOf('FileReadResponse', { ...part, data: NO_BYTES });
  const { text, encoding, size } = part.eof
    ? { ...encodeBytes(part.data), size: part.data.length }
    : encodePart(part.data);
  return { content: text, encoding, size_bytes: size, ...rest };
}
