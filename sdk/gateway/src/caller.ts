import type { FastifyReply } from 'fastify';

/**
 * Aborts when the caller leaves before it has its answer.
 * The request's own `close` is of no use: it comes as soon as the body has been read.
 */
export function leaving(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
