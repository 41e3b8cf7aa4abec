import { hostAndPort, type ListenAddress } from './listen-address.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];
const HTTP_PORT = 80;

/**
 * Against DNS rebinding: a web page of `evil.example`, whose name now resolves to this
 * machine, still sends its own name as Host.
 * @param extra further hosts, with a port or for any port
 */
export function hostCheck(
  listening: ListenAddress,
  extra: readonly string[],
): (host: string | undefined) => boolean {
  const allowed = new Set(extra.map((host) => host.toLowerCase()));
  for (const host of [...LOOPBACK, listening.host]) {
    const withPort = hostAndPort({ host, port: listening.port });
    allowed.add(withPort);
    if (listening.port === HTTP_PORT) allowed.add(withPort.slice(0, -`:${HTTP_PORT}`.length));
  }
  return (host) => {
    if (host === undefined) return false;
    const name = host.toLowerCase();
    return allowed.has(name) || allowed.has(name.replace(/:\d+$/, ''));
  };
}
