/** Where the agent listens unless `device_path` says otherwise; hosts connect to it. */
export const DEFAULT_VSOCK_PORT = 1000;

/**
 * What `device_path` may be, as a regular expression: anything but a wrong `vsock:PORT` or a
 * `unix:` whose path depends on where the agent was started. While the agent does not run, any
 * program of the guest could take a port above 1023 and meet the host.
 */
export const DEVICE_PATTERN =
  '^(?!vsock:|unix:)|^unix:/|^vsock:([1-9][0-9]{0,2}|10[01][0-9]|102[0-3])$';
/** {@link DEVICE_PATTERN}, for who wrote something else. */
export const DEVICE_RULE =
  'auto, the path of a virtio-serial port, unix:/path, or vsock:PORT with a port from 1 to 1023';

const PREFIX = 'vsock:';

/** The port of `vsock:PORT`; undefined where it is another kind of device. */
export function vsockPort(device: string): number | undefined {
  return device.startsWith(PREFIX) ? Number(device.slice(PREFIX.length)) : undefined;
}
