import { lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { AgentError } from '@limiquantix/agent-proto';
import { type Channel, type ChannelEvents, MAX_PEERS } from './channel.ts';

/**
 * Listens on a unix socket that only the agent's own user may open.
 * @throws AgentError DEVICE_BUSY where another process listens there, DEVICE_OPEN_FAILED
 *   where it cannot be made
 */
export async function openUnixSocket(path: string, events: ChannelEvents): Promise<Channel> {
  const peers = new Set<Socket>();
  const server = createServer((socket) => {
    peers.add(socket);
    socket.once('close', () => peers.delete(socket));
    events.onPeer(socket);
  });
  server.maxConnections = MAX_PEERS;
  await listen(server, path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw cannotOpen(path, error);
    if (await isAlive(path)) throw inUse(path);
    try {
      removeStale(path);
      await listen(server, path);
    } catch (again) {
      throw cannotOpen(path, again as Error);
    }
  });
  server.on('error', events.onLost);
  return {
    name: `unix:${path}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const peer of peers) peer.destroy();
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The socket is made inside listen(): it never exists with wider permissions.
    const umask = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
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

function cannotOpen(path: string, cause: Error): AgentError {
  return new AgentError('DEVICE_OPEN_FAILED', {
    detail: `cannot listen on ${path}: ${cause.message}`,
    resolution: 'Check that the directory exists and that the agent may write to it',
    cause,
  });
}
