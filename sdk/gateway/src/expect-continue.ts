import type { FastifyInstance } from 'fastify';

/** A caller that asks first (`Expect: 100-continue`) sends its gigabytes only where it may call. */
export function continueWhenAllowed(app: FastifyInstance): void {
  const { server } = app;
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  app.addHook('preParsing', ({ headers }, reply, _payload, done) => {
    if (headers.expect !== undefined) reply.raw.writeContinue();
    done();
  });
}
