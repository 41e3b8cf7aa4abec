import { paths } from '../config/paths.ts';
import type { Channel, ChannelEvents } from './channel.ts';

/**
 * Opens what `device_path` names: `auto` (the platform's virtio port), `unix:/path`
 * (listens there), or the path of a virtio port.
 * @throws AgentError of the 1000s saying why it cannot be opened
 */
export async function openChannel(device: string, events: ChannelEvents): Promise<Channel> {
  if (device.startsWith('unix:')) {
    const { openUnixSocket } = await import('./unix-socket.ts');
    return openUnixSocket(device.slice('unix:'.length), events);
  }
  const { openVirtioSerial } = await import('./virtio-serial.ts');
  return openVirtioSerial(device === 'auto' ? paths.device : device, events);
}
