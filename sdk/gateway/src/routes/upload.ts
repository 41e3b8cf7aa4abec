import type { AgentClient, UploadOptions } from '@limiquantix/agent-client';
import { fromJson } from '@limiquantix/agent-proto/json';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readRequest } from '../call-route.ts';
import { leaving } from '../caller.ts';
import { MODE, withMode } from '../mode.ts';
import { badRequest, Refusal } from '../problem.ts';
import { querySchema, readQuery } from '../schema.ts';
import type { Vms } from '../vms.ts';
import { CONTENT, type ContentRoute, IDLE_MS } from './download.ts';

const UPLOAD = querySchema('FileWriteRequest', {
  required: ['path'],
  without: ['data', 'data_crc32', 'offset', 'truncate'],
  fields: { mode: MODE },
});

/** A file of any size as it is, streamed into the guest. */
export function addUpload(app: FastifyInstance, vms: Vms): void {
  app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers();
    // Whatever its type: the body stays where it is until the agent takes it.
    uploads.addContentTypeParser('*', (_request, _payload, done) => done(null));
    uploads.route<ContentRoute>({
      method: 'PUT',
      url: CONTENT,
      schema: { querystring: UPLOAD },
      bodyLimit: Number.MAX_SAFE_INTEGER,
      handler: async (request, reply) =>
        receive(await vms.get(request.params.vm_id), request, reply),
    });
  });
}

async function receive(
  agent: AgentClient,
  request: FastifyRequest<ContentRoute>,
  reply: FastifyReply,
) {
  if (request.headers['content-range'] !== undefined) {
    throw new Refusal(
      400,
      'INVALID_MESSAGE',
      badRequest('content-range is not taken: send it all'),
    );
  }
  const options = readRequest(() => uploadOptions(request.query));
  request.raw.setTimeout(IDLE_MS, () => request.socket.destroy());
  // An upload that fails must not take the connection with it: the answer goes there.
  const body = request.raw.iterator({ destroyOnReturn: false });
  try {
    const { bytesWritten } = await agent.upload(request.query.path, body, {
      ...options,
      signal: leaving(reply),
    });
    return { bytes_written: bytesWritten };
  } finally {
    request.raw.resume();
  }
}

function uploadOptions({
  path: _,
  mode,
  ...query
}: Readonly<Record<string, string>>): UploadOptions {
  return fromJson('FileWriteRequest', withMode({ ...readQuery('FileWriteRequest', query), mode }));
}
