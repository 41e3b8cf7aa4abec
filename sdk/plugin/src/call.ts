import type { AgentError, AnyMethod } from '@limiquantix/agent-proto';
import type { Logger } from './log.ts';

/** One connection of a host. */
export interface Session {
  /** New for every connection. */
  readonly id: string;
}

/** A request on its way through the agent. */
export interface Call {
  /** The host's message_id. */
  readonly id: string;
  readonly method: AnyMethod;
  readonly session: Session;
  /** When it arrived: monotonic milliseconds, as of `performance.now()`. */
  readonly receivedAt: number;
  /** Size of the encoded request. */
  readonly requestBytes: number;
  /** Aborted when the host cancels the request, and when the agent stops. */
  readonly signal: AbortSignal;
  /**
   * Has this run once the answer was written to the channel, or cannot be any more, as where
   * the call fails: then the buffer it was to be sent from may be used again.
   */
  readonly afterSent: (release: () => void) => void;
  /**
   * Gives the memory of the request's `bytes` fields back before garbage collection would: they
   * are empty from then on. For a handler of uploads, once nothing reads them any more.
   */
  readonly releaseRequest: () => void;
  /**
   * Has the error sent with what the handler answers: of what was asked for, that is all there
   * will be, as of a command that was killed. The answer's own `error` is the handler's to set.
   */
  readonly cutShort: (error: AgentError) => void;
  /** Carries the request's id and method. */
  readonly log: Logger;
}
