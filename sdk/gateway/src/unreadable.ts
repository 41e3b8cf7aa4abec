import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { AgentError } from '@limiquantix/agent-proto';
import type { ConnectionError } from 'fastify';
import { badRequest, problemOf } from './problem.ts';

const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers what is no HTTP request, or a method that Node.js does not know, and hangs up. */
export function answerUnreadable(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(answerOf(error));
  socket.destroy();
}

function answerOf({ code, message }: ConnectionError): string {
  const status = STATUS[code] ?? 400;
  const problem = new AgentError('INVALID_MESSAGE', badRequest(message));
  const body = JSON.stringify(problemOf(problem, status));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
