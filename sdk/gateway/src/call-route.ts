import { AgentError, type Init, type Method } from '@limiquantix/agent-proto';
import { requestCodec, responseCodec } from '@limiquantix/agent-proto/codec';
import { fromJson, type JsonObject, toJson } from '@limiquantix/agent-proto/json';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { leaving } from './caller.ts';
import { badRequest } from './problem.ts';
import { bodySchema, querySchema, readQuery, type Shape } from './schema.ts';
import type { Vms } from './vms.ts';

/** Below this is the API. */
export const API = '/api/v1';

/** Below {@link API}: where every route of one agent begins. */
export const AGENT = '/vms/:vm_id/agent';

/** How long an agent may take to answer beyond the time that the request itself grants it. */
export const GRACE_MS = 5000;

/** The longest delay of a timer. */
const LONGEST_MS = 0x7fff_ffff;

/** A route that is one call of the agent. */
export interface CallRoute<Req, Res> {
  readonly method: 'GET' | 'POST';
  /** Below {@link AGENT}; its parameters are fields of the request. */
  readonly path: string;
  readonly calls: Method<Req, Res>;
  readonly shape?: Shape;
  /** Values of fields that the caller left out. */
  readonly defaults?: JsonObject;
  /** From the caller's JSON, in which path, query and body are one. @default the message's own form */
  readonly toRequest?: (input: JsonObject) => Init<Req>;
  /** @default the message's own form, see {@link answerOf} */
  readonly toAnswer?: (response: Res) => JsonObject;
  /** How long the call may take. @default 30,000 ms */
  readonly timeoutMs?: (request: Init<Req>) => number;
}

// biome-ignore lint/suspicious/noExplicitAny: routes of different messages in one list
export type AnyCallRoute = CallRoute<any, any>;

/** Keeps the types of a route that goes into a list. */
export function callRoute<Req, Res>(route: CallRoute<Req, Res>): CallRoute<Req, Res> {
  return route;
}

export function addCallRoute<Req, Res>(
  app: FastifyInstance,
  vms: Vms,
  route: CallRoute<Req, Res>,
): void {
  const requestType = requestCodec(route.calls).name;
  const responseType = responseCodec(route.calls).name;
  const toRequest = route.toRequest ?? ((input) => fromJson(requestType, input) as Init<Req>);
  const toAnswer = route.toAnswer ?? ((response) => answerOf(responseType, response as object));
  app.route<AgentRoute>({
    method: route.method,
    url: AGENT + route.path,
    schema: schemaOf(route, requestType),
    handler: async (request, reply) => {
      const message = readRequest(() => toRequest(inputOf(route, requestType, request)));
      const agent = await vms.get(request.params.vm_id);
      const response = await agent.call(route.calls, message, {
        signal: leaving(reply),
        timeoutMs: Math.min(route.timeoutMs?.(message) ?? 30_000, LONGEST_MS),
      });
      return toAnswer(response);
    },
  });
}

export interface AgentRoute {
  readonly Params: { readonly vm_id: string } & Readonly<Record<string, string>>;
  readonly Querystring: Readonly<Record<string, string>>;
  readonly Body: JsonObject | undefined;
}

/** A response as the wire has it; `error` only where there is one. */
export function answerOf(message: string, response: object): JsonObject {
  const { error, ...answer } = toJson(message, response);
  return error ? { ...answer, error } : answer;
}

/** What a caller sent that no schema can describe is its fault too. */
export function readRequest<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new AgentError('INVALID_MESSAGE', badRequest(error.message));
  }
}

function schemaOf({ method, path, shape = {} }: AnyCallRoute, requestType: string) {
  const inPath = path
    .split('/')
    .filter((part) => part.startsWith(':'))
    .map((part) => part.slice(1));
  const outside = { ...shape, without: [...(shape.without ?? []), ...inPath] };
  const pathSchema = querySchema(requestType).properties as Readonly<Record<string, object>>;
  const params = {
    type: 'object',
    properties: Object.fromEntries(inPath.map((name) => [name, pathSchema[name]])),
  };
  return method === 'GET'
    ? { params, querystring: querySchema(requestType, outside) }
    : { params, body: bodySchema(requestType, outside) };
}

function inputOf(
  { method, defaults }: AnyCallRoute,
  requestType: string,
  request: FastifyRequest<AgentRoute>,
): JsonObject {
  const { vm_id: _, ...inPath } = request.params;
  return {
    ...defaults,
    ...readQuery(requestType, inPath),
    ...(method === 'GET' ? readQuery(requestType, request.query) : request.body),
  };
}
