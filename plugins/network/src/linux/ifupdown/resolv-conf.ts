import type { Ip } from '../../ip.ts';

/** resolv.conf(5) with these name servers in place of those that it has; the rest stays. */
export function withNameServers(text: string, servers: readonly Ip[]): string {
  const rest = text.split('\n').filter((line) => line !== '' && !/^\s*nameserver\b/.test(line));
  return [...rest, ...servers.map((ip) => `nameserver ${ip.text}`), ''].join('\n');
}
