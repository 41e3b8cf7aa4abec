import { BadAnswer, CallTimeout } from '@limiquantix/agent-client';
import {
  AgentError,
  type AgentErrorOptions,
  CATALOGUE,
  type ErrorName,
} from '@limiquantix/agent-proto';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { statusOf } from './status.ts';

/** The body of every answer that is not a success (RFC 9457). */
export interface Problem {
  /** `urn:limiquantix:error:QXGA-4001` */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** `QXGA-4001` */
  readonly code: string;
  readonly name: ErrorName;
  readonly context?: string | undefined;
  readonly resolution: string;
}

/** An answer whose status is HTTP's own business and not the error's. */
export class Refusal extends Error {
  readonly status: number;
  readonly error: AgentError;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    name: ErrorName,
    options: AgentErrorOptions,
    headers: Readonly<Record<string, string>> = {},
  ) {
    const error = new AgentError(name, options);
    super(error.message);
    this.status = status;
    this.error = error;
    this.headers = headers;
  }
}

/** Answers with whatever was thrown, as a problem. */
export function answerError(
  thrown: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { status, error, headers } = refusalOf(thrown);
  // Calls to a VM that is away would fill the log: its coming and going is logged once.
  if (status >= 500 && status !== 503 && !request.socket.destroyed) {
    const log = { code: error.codeString, method: request.method, url: request.url };
    request.log.warn({ ...log, err: error.cause }, error.message);
  }
  reply
    .code(status)
    .headers(headers)
    .type('application/problem+json')
    // With its own serializer fastify adds a charset, which this type does not have.
    .serializer(JSON.stringify)
    .send(problemOf(error, status));
}

/** The body of an answer with that status. */
export function problemOf(error: AgentError, status: number): Problem {
  return {
    type: `urn:limiquantix:error:${error.codeString}`,
    title: CATALOGUE[error.name][1],
    status,
    detail: error.message,
    code: error.codeString,
    name: error.name,
    context: error.context,
    resolution: error.resolution,
  };
}

function refusalOf(thrown: FastifyError | Error): Pick<Refusal, 'status' | 'error' | 'headers'> {
  if (thrown instanceof Refusal) return thrown;
  if (BadAnswer.is(thrown)) return { status: 502, error: thrown, headers: {} };
  if (CallTimeout.is(thrown)) return { status: 504, error: thrown, headers: {} };
  if (AgentError.is(thrown)) {
    // Whose advice is of its own knows better.
    if (thrown.name === 'MESSAGE_TOO_LARGE' && thrown.resolution === CATALOGUE[thrown.name][2]) {
      return tooLarge(thrown.message);
    }
    const headers = thrown.name === 'RATE_LIMIT_EXCEEDED' ? { 'retry-after': '1' } : {};
    return { status: statusOf(thrown), error: thrown, headers };
  }
  const status = 'statusCode' in thrown ? (thrown.statusCode ?? 500) : 500;
  if (status === 413) return tooLarge('the body is longer than a JSON request may be');
  if (status === 415) {
    return new Refusal(status, 'INVALID_MESSAGE', {
      detail: thrown.message,
      resolution: 'Send the body as JSON, with the header Content-Type: application/json',
    });
  }
  if (status < 500) return new Refusal(status, 'INVALID_MESSAGE', badRequest(thrown.message));
  return new Refusal(500, 'INTERNAL_ERROR', {
    detail: 'the gateway failed',
    resolution: "See the gateway's log",
    cause: thrown,
  });
}

function tooLarge(context: string): Refusal {
  return new Refusal(413, 'MESSAGE_TOO_LARGE', {
    context,
    resolution:
      'Send or ask for less at a time; a file of any size goes by .../agent/files/content',
  });
}

/** @param detail which field, and what it must be */
export function badRequest(detail: string): AgentErrorOptions {
  return { detail, resolution: 'Correct the request' };
}
