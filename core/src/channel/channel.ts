import type { Duplex } from 'node:stream';

/** More hosts than this at once are a mistake of somebody's. */
export const MAX_PEERS = 64;

/** What a channel tells its owner. */
export interface ChannelEvents {
  /**
   * A host connected. The channel owns the stream's end; the session may destroy it. What its
   * `data` events bring is lent until their listeners return.
   */
  readonly onPeer: (stream: Duplex) => void;
  /** The channel broke and cannot be used any more: open another. */
  readonly onLost: (error: Error) => void;
  /** Somebody connected who may not be a host, and was turned away. */
  readonly onRefused?: ((reason: string) => void) | undefined;
}

/** A way for hosts to reach the agent, open for business. */
export interface Channel {
  /** For logs: `unix:/run/x.sock`. */
  readonly name: string;
  close(): Promise<void>;
}
