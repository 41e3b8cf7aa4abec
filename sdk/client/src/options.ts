import { AgentError } from '@limiquantix/agent-proto';
import type { Dialect } from '@limiquantix/agent-proto/frame';
import type { Logger } from './log.ts';

/** `connecting` until the socket is open, and again whenever it was lost; `closed` for good. */
export type ClientState = 'connecting' | 'connected' | 'closed';

export interface AgentClientOptions {
  /** The unix socket of the VM's agent channel. */
  readonly path: string;
  /**
   * The guest's port, where `path` is the host's end of a vsock device: Firecracker's `uds_path`,
   * Cloud Hypervisor's `socket`, vhost-device-vsock's `uds-path`.
   */
  readonly vsockPort?: number | undefined;
  /** How frames are written; both forms are read. @default 'plain' */
  readonly framing?: Dialect | undefined;
  /** The longest message taken from the agent, in bytes. @default 16 MiB, which is also the most */
  readonly maxMessageBytes?: number | undefined;
  /** Calls unanswered at a time; four times as many wait their turn. @default 1024 */
  readonly maxInFlight?: number | undefined;
  /** Pause before connecting again; `false`: a lost connection closes the client. */
  readonly reconnect?: ReconnectOptions | false | undefined;
  readonly log?: Logger | undefined;
}

export interface ReconnectOptions {
  /** @default 100 */
  readonly minMs?: number | undefined;
  /** @default 5000 */
  readonly maxMs?: number | undefined;
}

export interface CallOptions {
  /** Gives the call up, in the guest too. */
  readonly signal?: AbortSignal | undefined;
  /**
   * From the call to its answer, the wait for its turn included.
   * @default 30,000, or 5,000 more than the request's own `timeoutSeconds` where that is longer
   */
  readonly timeoutMs?: number | undefined;
}

export interface EventOptions {
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined;
  /** How many events are kept for a slow consumer; then the oldest is dropped. @default 256 */
  readonly buffer?: number | undefined;
}

/** How far a transfer has come, in bytes. */
export interface Progress {
  readonly transferred: number;
  /** Undefined where it is not known beforehand. */
  readonly total: number | undefined;
}

interface TransferOptions {
  /** Bytes of one request; less where the agent takes less, 4 MiB at the most. @default 512 KiB */
  readonly chunkBytes?: number | undefined;
  /** Requests in flight; fewer where they would hold more than 4 MiB together. @default 8 */
  readonly window?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DownloadOptions extends TransferOptions {
  /** Where in the file to begin. @default 0 */
  readonly offset?: number | undefined;
  /** How many bytes at the most. @default to the file's end */
  readonly length?: number | undefined;
}

export interface UploadOptions extends TransferOptions {
  /** Permission bits. @default the existing file's, else 0644 */
  readonly mode?: number | undefined;
  readonly createParents?: boolean | undefined;
  /** On stable storage before the promise resolves. */
  readonly sync?: boolean | undefined;
  /** The source's length where it is known; for `onProgress` alone. */
  readonly total?: number | undefined;
}

/** @throws AgentError CONFIG_INVALID naming the option */
export function wholeNumber(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new AgentError('CONFIG_INVALID', {
    detail: `${name} is ${value}`,
    resolution: `Give ${name} as a whole number from ${least} on`,
  });
}
