import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { API } from './call-route.ts';
import { continueWhenAllowed } from './expect-continue.ts';
import { addNotFound } from './not-found.ts';
import { answerError, Refusal } from './problem.ts';
import { addRoutes } from './routes/index.ts';
import { answerUnreadable } from './unreadable.ts';
import { validationError } from './validation.ts';
import type { Vms } from './vms.ts';

export interface ServerOptions {
  readonly vms: Vms;
  readonly logLevel: string;
  readonly hostAllowed: (host: string | undefined) => boolean;
  readonly tokenRight: (authorization: string | undefined) => boolean;
}

/** Of a JSON body: holds the 4 MiB that an agent takes in one message, as base64. */
const BODY_LIMIT = 8 * 1024 * 1024;
const MAX_CONNECTIONS = 4096;
const HEADERS_TIMEOUT_MS = 10_000;
/** Once a request is answered, what is left of its body has so long to come. */
const REST_TIMEOUT_MS = 10_000;

/** Lines of the same form as the agent's. */
const LOG = {
  base: null,
  messageKey: 'message',
  timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
  formatters: { level: (level: string) => ({ level }) },
};

/** The HTTP server with all routes, not listening yet. */
export function createServer(options: ServerOptions): FastifyInstance {
  const app = Fastify({
    logger: { ...LOG, level: options.logLevel },
    logController: new LogController({ disableRequestLogging: true }),
    // What is logged of a request names it; a logger of its own for each is not needed.
    childLoggerFactory: (logger) => logger,
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    // Answers that are under way may still finish; see the gateway's close.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // An upload may take hours. Who is slow with the headers has no token to show yet.
    requestTimeout: 0,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 5000 },
    // A path parameter may be a service's name, percent-encoded.
    routerOptions: { maxParamLength: 1024 },
    ajv: {
      customOptions: {
        removeAdditional: false,
        coerceTypes: false,
        useDefaults: false,
        verbose: true,
      },
    },
    schemaErrorFormatter: validationError,
    frameworkErrors: answerError,
    clientErrorHandler: answerUnreadable,
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  app.setErrorHandler(answerError);
  takeJsonAlone(app);
  limitRest(app);
  continueWhenAllowed(app);
  checkHost(app, options);
  addNotFound(app);
  app.route({ method: ['GET', 'HEAD'], url: '/healthz', handler: async () => ({ status: 'ok' }) });
  app.register(
    async (api) => {
      checkToken(api, options);
      addNotFound(api);
      addRoutes(api, options.vms);
    },
    { prefix: API },
  );
  return app;
}

/** A body that is left out is an empty object. */
function takeJsonAlone(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, {});
    else parse(request, body as string, done);
  });
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.method === 'POST' && request.body === undefined) request.body = {};
    done();
  });
}

/** A body without end must not hold a connection for somebody who has no token. */
function limitRest(app: FastifyInstance): void {
  app.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.complete) {
      const timer = setTimeout(() => raw.socket.destroy(), REST_TIMEOUT_MS);
      raw.once('close', () => clearTimeout(timer));
    }
    done();
  });
}

function checkHost(app: FastifyInstance, { hostAllowed }: ServerOptions): void {
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    if (hostAllowed(headers.host)) return done();
    const refusal = new Refusal(403, 'PERMISSION_DENIED', {
      detail: 'the Host header names another host than this gateway',
      resolution: 'Use the address that it listens on, or start it with --allow-host',
    });
    done(refusal);
  });
}

function checkToken(app: FastifyInstance, { tokenRight }: ServerOptions): void {
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    if (tokenRight(headers.authorization)) return done();
    const refusal = new Refusal(
      401,
      'PERMISSION_DENIED',
      {
        detail: headers.authorization === undefined ? 'no token' : 'wrong token',
        resolution: "Send the content of the gateway's token file as Authorization: Bearer <token>",
      },
      { 'www-authenticate': 'Bearer realm="limiquantix-gateway"' },
    );
    done(refusal);
  });
}
