import { type Duplex, duplexPair } from 'node:stream';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { onTestFinished } from 'vitest';
import {
  type InFlight,
  type Request,
  Session,
  type SessionOptions,
} from '../../src/session/session.ts';
import { Host } from '../host.ts';

export interface Opened {
  readonly session: Session;
  /** The session's own stream. */
  readonly agentEnd: Duplex;
  readonly host: Host;
  /** What arrived: each runs, and comes to no end. */
  readonly requests: Request[];
  /** How often it said that it ended. */
  readonly ends: Session[];
  readonly log: ReturnType<typeof memoryLogger>;
}

/** A session with a host at its other end. */
export function openSession(options: Partial<SessionOptions> = {}): Opened {
  const [agentEnd, far] = duplexPair();
  const requests: Request[] = [];
  const ends: Session[] = [];
  const log = memoryLogger();
  const session = new Session({
    stream: agentEnd,
    framing: 'auto',
    maxMessageBytes: 2_000_000,
    log,
    onRequest: (request, from) => {
      requests.push(request);
      from.entered(inFlight(request.id));
    },
    onEnd: (ended) => ends.push(ended),
    ...options,
  });
  onTestFinished(() => session.end());
  return { session, agentEnd, host: new Host(far), requests, ends, log };
}

/** A request that runs. */
export function inFlight(id: string, requestBytes = 10): InFlight {
  return { id, requestBytes, begun: true, cancel: () => undefined };
}
