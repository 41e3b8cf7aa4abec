import type { AnyMethod, Init, Method } from '@limiquantix/agent-proto';
import type { Call } from './call.ts';

/** Answers one method. */
export interface Handler {
  readonly method: AnyMethod;
  // biome-ignore lint/suspicious/noExplicitAny: handlers of different methods in one list
  readonly handle: (request: any, call: Call) => any;
}

/**
 * Registers the handler of a method. It gets and returns plain messages; whatever it
 * throws becomes the method's own failed answer, an AgentError with its code.
 */
export function on<Request, Response>(
  method: Method<Request, Response>,
  handle: (request: Request, call: Call) => Init<Response> | Promise<Init<Response>>,
): Handler {
  return { method, handle };
}
