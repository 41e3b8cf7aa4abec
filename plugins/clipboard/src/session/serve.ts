import { Socket } from 'node:net';
import { isMime } from '../content.ts';
import { encodePacket, type Head, type Packet, PacketReader } from '../packets.ts';
import { type Backend, ClipboardUnavailable } from './backend.ts';
import { openBackend } from './open-backend.ts';

/** Where the agent's end of the socket is. */
const AGENT_FD = 3;

/**
 * What runs in the session as its user: reads and owns the clipboard for the agent, until
 * the agent closes the socket. One request at a time.
 * @param maxBytes of a clipboard
 */
export async function serve(maxBytes: number): Promise<void> {
  const agent = new Socket({ fd: AGENT_FD });
  // With wl-paste and wl-copy, which are in its group.
  const end = () => process.kill(0, 'SIGKILL');
  agent.on('error', end);
  agent.on('close', end);
  const reader = new PacketReader(maxBytes);
  const tell = (head: Head, data?: Buffer) => agent.write(encodePacket(head, data));
  try {
    const onChange = () => tell({ event: 'changed' });
    const backend = await openBackend(process.env, { maxBytes, onChange, onEnd: end });
    agent.on('data', async (chunk: Buffer) => {
      for (const packet of reader.push(chunk)) {
        const { head, data } = await answer(backend, packet);
        tell(head, data);
      }
    });
    tell({ event: 'ready' });
  } catch (error) {
    tell({ event: 'failed', ...failure(error) });
    agent.end();
  }
}

async function answer(
  backend: Backend,
  { head, data }: Packet,
): Promise<{ head: Head; data?: Buffer }> {
  try {
    if (head.do === 'read' && Array.isArray(head.mimes)) {
      const found = await backend.read(head.mimes.filter(isMime));
      if (typeof found === 'string') return { head: { found } };
      return { head: { found: 'content', mime: found.mime }, data: found.data };
    }
    if (head.do === 'own' && isMime(head.mime)) await backend.own(head.mime, data);
    if (head.do === 'clear') await backend.clear();
    return { head: {} };
  } catch (error) {
    return { head: failure(error) };
  }
}

function failure(error: unknown): Head {
  const problem = error instanceof Error ? error.message : String(error);
  const resolution = error instanceof ClipboardUnavailable ? error.resolution : '';
  return { problem, resolution };
}
