import type { Readable } from 'node:stream';

/** How a process ended. */
export interface Exit {
  /** -1: killed by `signal`. */
  readonly exitCode: number;
  /** 0: none. */
  readonly signal: number;
}

/** A process that was started as the leader of a session and process group of its own. */
export interface Child {
  readonly pid: number;
  /** Settles when it was waited for, after which its number may be another's. Never rejects. */
  readonly exit: Promise<Exit>;
  /** Only where no pipe was given for it. */
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

/**
 * What a child gets as its standard streams: descriptors that stay the caller's, or
 * /dev/null for `ignore`, or for `pipe` a socket whose other end is the child's `stdout`.
 */
export type Stdio = readonly [
  stdin: number | 'ignore',
  stdout: number | 'pipe',
  stderr: number | 'pipe',
];
