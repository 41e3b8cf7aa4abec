import { type Channel, type ChannelEvents, MAX_PEERS } from './channel.ts';
import type { DescriptorHandle } from './descriptor-handle.ts';
import { HostSocket } from './host-socket.ts';

export interface AcceptOptions {
  readonly name: string;
  /** Begins to listen; the channel owns what it gives. */
  readonly listen: (onConnection: (handle: DescriptorHandle) => void) => DescriptorHandle;
  /** Why the other end of a connection may not be a host; undefined where it may. */
  readonly refusal?: (fd: number) => string | undefined;
  readonly events: ChannelEvents;
}

/**
 * Takes hosts from a socket.
 * @throws Error where `listen` does
 */
export function acceptPeers({ name, listen, refusal, events }: AcceptOptions): Channel {
  const peers = new Set<HostSocket>();
  const listener = listen((handle) => {
    const reason = peers.size < MAX_PEERS ? refusal?.(handle.fd) : `${MAX_PEERS} are connected`;
    if (reason !== undefined) {
      handle.close();
      return events.onRefused?.(reason);
    }
    const peer = new HostSocket(handle);
    peers.add(peer);
    peer.once('close', () => peers.delete(peer));
    events.onPeer(peer);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      for (const peer of peers) peer.destroy();
      listener.close(resolve);
    });
  let closed: Promise<void> | undefined;
  return {
    name,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}
