import { isIPv4, isIPv6 } from 'node:net';

/** Where the gateway listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/**
 * Reads `127.0.0.1:9180` or `[::1]:9180`.
 * @throws Error saying what is allowed
 */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port > 65535 || (match?.[1] && !isIPv6(match[1]))) {
    throw new Error(`cannot listen on "${text}": give ADDRESS:PORT, such as 127.0.0.1:9180`);
  }
  // One address, not both families: the port in use is then the one that is told.
  return { host: host === 'localhost' ? '127.0.0.1' : host, port };
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** As it stands in a URL or a Host header. */
export function hostAndPort({ host, port }: ListenAddress): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
