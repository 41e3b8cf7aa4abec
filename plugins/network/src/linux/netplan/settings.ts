import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { isInSubnet, isLinkLocal, parseIp } from '../../ip.ts';
import { cidrOf, type NetworkChange } from '../../request.ts';

/** What netplan's settings of an interface are made of, all scalars as text. */
export type Settings = Readonly<Record<string, unknown>>;

const REPLACED = ['addresses', 'dhcp4', 'dhcp6', 'gateway4', 'gateway6'] as const;
const DEFAULT_ROUTES = new Set(['default', '0.0.0.0/0', '0/0', '::/0']);

/** The settings that a change stands for. */
export function settingsOf({ address, dnsServers }: NetworkChange): Settings {
  const nameservers =
    dnsServers.length > 0 ? { nameservers: { addresses: dnsServers.map((ip) => ip.text) } } : {};
  if (!address) {
    const overrides = dnsServers.length > 0 ? { 'dhcp4-overrides': { 'use-dns': 'false' } } : {};
    return { dhcp4: 'true', ...overrides, ...nameservers };
  }
  const { ip, gateway } = address;
  // netplan before 0.103 does not know the word "default".
  const to = ip.family === 4 ? '0.0.0.0/0' : '::/0';
  return {
    dhcp4: 'false',
    dhcp6: 'false',
    // Else a router's announcements add addresses to the one that was asked for.
    ...(ip.family === 6 ? { 'accept-ra': 'false' } : {}),
    addresses: [cidrOf(address)],
    ...(gateway ? { routes: [{ to, via: gateway.text }] } : {}),
    ...nameservers,
  };
}

/**
 * Takes out of an interface's settings what a change replaces. netplan adds the lists of all
 * its files together, so what stays anywhere stays in force.
 * @param ownFile whether an earlier change wrote them
 * @returns whether there was anything
 */
export function removeReplaced(
  settings: YAMLMap,
  change: NetworkChange,
  ownFile: boolean,
): boolean {
  const keys: string[] = [...REPLACED];
  if (ownFile || change.address?.ip.family === 6) keys.push('accept-ra');
  const removed = [
    ...keys.map((key) => settings.delete(key)),
    removeWithin(settings, 'nameservers', 'addresses'),
    removeWithin(settings, 'dhcp4-overrides', 'use-dns'),
    removeRoutes(settings, change),
  ];
  return removed.includes(true);
}

function removeWithin(settings: YAMLMap, key: string, inner: string): boolean {
  const map = settings.get(key);
  if (!isMap(map) || !map.delete(inner)) return false;
  if (map.items.length === 0) settings.delete(key);
  return true;
}

/** Default routes, and those by way of what the new address cannot reach. */
function removeRoutes(settings: YAMLMap, change: NetworkChange): boolean {
  const routes = settings.get('routes');
  if (!isSeq(routes)) return false;
  const before = routes.items.length;
  routes.items = routes.items.filter((route) => !isMap(route) || staysValid(route, change));
  if (routes.items.length === 0) settings.delete('routes');
  return routes.items.length < before;
}

function staysValid(route: YAMLMap, { address }: NetworkChange): boolean {
  if (DEFAULT_ROUTES.has(text(route, 'to')) && !route.has('table')) return false;
  const via = parseIp(text(route, 'via'));
  if (!address || !via || text(route, 'on-link') === 'true' || isLinkLocal(via)) return true;
  return isInSubnet(via, address.ip, address.prefix);
}

function text(map: YAMLMap, key: string): string {
  const node = map.get(key, true);
  return isScalar(node) ? String(node.value) : '';
}
