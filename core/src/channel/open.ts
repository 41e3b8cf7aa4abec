import type { Config } from '../config/config.ts';
import { paths } from '../config/paths.ts';
import type { Channel, ChannelEvents } from './channel.ts';
import { DEFAULT_VSOCK_PORT, vsockPort } from './vsock-port.ts';

/** What of the configuration says how hosts reach the agent. */
export type DeviceConfig = Pick<Config, 'device_path' | 'prefer_vsock' | 'vsock_allow_local'>;

/** The devices to try, the preferred one first. */
export function devicesOf(config: DeviceConfig): readonly string[] {
  if (config.device_path !== 'auto') return [config.device_path];
  const port = paths.device;
  return config.prefer_vsock ? [`vsock:${DEFAULT_VSOCK_PORT}`, port] : [port];
}

export interface OpenOptions extends ChannelEvents {
  readonly allowLocalVsock: boolean;
}

/**
 * Opens a device: `unix:/path` and `vsock:PORT` (listens there), or the path of a virtio port.
 * @throws AgentError of the 1000s saying why it cannot be opened
 */
export async function openChannel(device: string, options: OpenOptions): Promise<Channel> {
  if (device.startsWith('unix:')) {
    const { openUnixSocket } = await import('./unix-socket.ts');
    return openUnixSocket(device.slice('unix:'.length), options);
  }
  const port = vsockPort(device);
  if (port !== undefined) {
    const { openVsock } = await import('./vsock.ts');
    return openVsock({ port, allowLocal: options.allowLocalVsock }, options);
  }
  const { openVirtioSerial } = await import('./virtio-serial.ts');
  return openVirtioSerial(device, options);
}
