import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { AgentError } from '@limiquantix/agent-proto';
import { acceptPeers } from './accept-peers.ts';
import { type Channel, type ChannelEvents, MAX_PEERS } from './channel.ts';
import { listenOnPath } from './descriptor-handle.ts';

/**
 * Listens on a unix socket that only the agent's own user may open.
 * @throws AgentError DEVICE_BUSY where another process listens there, DEVICE_OPEN_FAILED
 *   where it cannot be made
 */
export async function openUnixSocket(path: string, events: ChannelEvents): Promise<Channel> {
  try {
    return listen(path, events);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cannotOpen(path, error);
  }
  if (await isAlive(path)) throw inUse(path);
  try {
    removeStale(path);
    return listen(path, events);
  } catch (error) {
    throw cannotOpen(path, error);
  }
}

function listen(path: string, events: ChannelEvents): Channel {
  // The socket is made inside: it never exists with wider permissions.
  const umask = process.umask(0o177);
  try {
    return acceptPeers({
      name: `unix:${path}`,
      listen: (onConnection) => listenOnPath(path, MAX_PEERS, onConnection),
      events,
    });
  } finally {
    process.umask(umask);
  }
}

/** What an agent that was killed left behind; never anything but a socket. */
function removeStale(path: string): void {
  if (!lstatSync(path).isSocket()) throw new Error('there is something else at this path');
  unlinkSync(path);
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}

function inUse(path: string): AgentError {
  return new AgentError('DEVICE_BUSY', {
    detail: `another process listens on ${path}`,
    resolution: 'Stop the other agent, or give this one another socket with --device unix:PATH',
  });
}

function cannotOpen(path: string, cause: unknown): AgentError {
  return new AgentError('DEVICE_OPEN_FAILED', {
    detail: `cannot listen on ${path}: ${(cause as Error).message}`,
    resolution: 'Check that the directory exists and that the agent may write to it',
    cause,
  });
}
