import type { Duplex } from 'node:stream';

/** What a channel tells its owner. */
export interface ChannelEvents {
  /** A host connected. The channel owns the stream's end; the session may destroy it. */
  readonly onPeer: (stream: Duplex) => void;
  /** The channel broke and cannot be used any more: open another. */
  readonly onLost: (error: Error) => void;
}

/** A way for hosts to reach the agent, open for business. */
export interface Channel {
  /** For logs: `unix:/run/x.sock`. */
  readonly name: string;
  close(): Promise<void>;
}
