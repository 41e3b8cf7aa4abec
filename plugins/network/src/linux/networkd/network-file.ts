import { isInSubnet, isLinkLocal, parseIp } from '../../ip.ts';
import { cidrOf, type NetworkChange } from '../../request.ts';

interface Section {
  readonly name: string;
  readonly entries: readonly Entry[];
}

type Entry = readonly [key: string, value: string];

const HEADER = '# Written by the Limiquantix guest agent at the request of the host.\n';
const DEFAULT_DESTINATIONS = new Set(['', '0.0.0.0/0', '::/0']);
/** What a change replaces, as "Section.Key". */
const REPLACED = new Set([
  'Network.Address',
  'Network.Gateway',
  'Network.DNS',
  'Network.DHCP',
  'DHCP.UseDNS',
  'DHCPv4.UseDNS',
  'Link.Unmanaged',
]);

/**
 * A systemd.network(5) file for a change. networkd reads one file for an interface, so what is
 * set beside the addresses is taken over from the one that it reads now.
 * @param current the text of that file
 * @param own whether an earlier change wrote it
 */
export function renderNetworkFile(change: NetworkChange, current: string, own: boolean): string {
  const sections = [
    { name: 'Match', entries: [['Name', change.interface]] as const },
    ...sectionsOf(change),
    ...parseSections(current).flatMap((section) => takenOver(section, change, own)),
  ];
  return HEADER + sections.map(render).join('');
}

function sectionsOf({ address, dnsServers }: NetworkChange): Section[] {
  const dns = dnsServers.map((ip): Entry => ['DNS', ip.text]);
  if (!address) {
    const useDns: Section = { name: 'DHCPv4', entries: [['UseDNS', 'no']] };
    const network: Section = { name: 'Network', entries: [['DHCP', 'ipv4'], ...dns] };
    return dns.length > 0 ? [network, useDns] : [network];
  }
  const entries: Entry[] = [
    ['DHCP', 'no'],
    ['Address', cidrOf(address)],
  ];
  if (address.gateway) entries.push(['Gateway', address.gateway.text]);
  // Else a router's announcements add addresses to the one that was asked for.
  if (address.ip.family === 6) entries.push(['IPv6AcceptRA', 'no']);
  return [{ name: 'Network', entries: [...entries, ...dns] }];
}

function takenOver({ name, entries }: Section, change: NetworkChange, own: boolean): Section[] {
  if (name === 'Match' || name === 'Address') return [];
  if (name === 'Route' && !staysValid(new Map(entries), change)) return [];
  const noRouterNews = own || change.address?.ip.family === 6;
  const kept = entries.filter(([key]) => {
    const entry = `${name}.${key}`;
    return !REPLACED.has(entry) && !(noRouterNews && entry === 'Network.IPv6AcceptRA');
  });
  return kept.length > 0 ? [{ name, entries: kept }] : [];
}

/** Not a default route, nor one by way of what the new address cannot reach. */
function staysValid(route: ReadonlyMap<string, string>, { address }: NetworkChange): boolean {
  const isDefault = DEFAULT_DESTINATIONS.has(route.get('Destination') ?? '');
  if (isDefault && !route.has('Table')) return false;
  const gateway = parseIp(route.get('Gateway') ?? '');
  if (!address || !gateway || route.has('GatewayOnLink') || isLinkLocal(gateway)) return true;
  return isInSubnet(gateway, address.ip, address.prefix);
}

/** Comments are left out, lines that go on are joined. */
function parseSections(text: string): Section[] {
  const sections: { name: string; entries: Entry[] }[] = [];
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*[#;]/.test(line))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n');
  for (const line of lines) {
    const section = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) sections.push({ name: section, entries: [] });
    const [, key, value] = /^\s*([^=[\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) sections.at(-1)?.entries.push([key, value]);
  }
  return sections;
}

function render({ name, entries }: Section): string {
  return `\n[${name}]\n${entries.map(([key, value]) => `${key}=${value}\n`).join('')}`;
}
