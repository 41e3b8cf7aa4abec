import type { ConfigureNetworkRequest } from '@limiquantix/plugin-sdk';
import { fieldRefused } from './errors.ts';
import {
  bitsOf,
  type Ip,
  isInSubnet,
  isLinkLocal,
  isLoopback,
  isNetworkOrBroadcast,
  isNoHost,
  parseIp,
  prefixOfMask,
} from './ip.ts';

/** What an interface is to have from now on: nothing in here is the host's own text. */
export interface NetworkChange {
  readonly interface: string;
  /** Undefined: DHCP. */
  readonly address: StaticAddress | undefined;
  readonly dnsServers: readonly Ip[];
}

export interface StaticAddress {
  readonly ip: Ip;
  readonly prefix: number;
  readonly gateway: Ip | undefined;
}

const MAX_DNS_SERVERS = 8;
/**
 * What the kernel allows, less what is a pattern, an option or a separator to one of the tools
 * that are given the name.
 */
const INTERFACE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,14}$/;

/**
 * The request as typed values. Whether the interface exists is not looked at.
 * @throws AgentError NETWORK_CONFIG_FAILED naming the field and what is allowed
 */
export function parseRequest(request: ConfigureNetworkRequest): NetworkChange {
  return {
    interface: parseInterface(request.interface),
    address: request.dhcp ? withoutAddress(request) : parseAddress(request),
    dnsServers: parseDnsServers(request.dnsServers),
  };
}

/** `10.0.0.5/24` */
export function cidrOf({ ip, prefix }: StaticAddress): string {
  return `${ip.text}/${prefix}`;
}

/**
 * Whether an address that an interface had must be gone with the new one: not what the link
 * gives itself, not those of IPv6 beside IPv4 (routers announce them), and not single ones
 * (/32), which cluster programs add and keep.
 */
export function isReplacedBy(address: StaticAddress, former: string): boolean {
  const [text = '', prefix = ''] = former.split('/');
  const ip = parseIp(text);
  if (!ip || former === cidrOf(address) || isLinkLocal(ip)) return false;
  return ip.family <= address.ip.family && Number(prefix) < bitsOf(ip.family);
}

function parseInterface(name: string): string {
  if (!INTERFACE_NAME.test(name)) {
    throw fieldRefused(
      'interface',
      name,
      'is not the name of a network interface',
      'Send 1 to 15 letters, digits, or any of _ . @ - after the first',
    );
  }
  if (name === 'lo') {
    throw fieldRefused('interface', name, 'is the loopback', 'Name another interface');
  }
  return name;
}

function withoutAddress(request: ConfigureNetworkRequest): undefined {
  for (const [field, value] of [
    ['ip_address', request.ipAddress],
    ['netmask', request.netmask],
    ['gateway', request.gateway],
  ] as const) {
    if (value === '') continue;
    throw fieldRefused(
      field,
      value,
      'contradicts dhcp',
      `Leave ${field} empty, or send dhcp false`,
    );
  }
}

function parseAddress(request: ConfigureNetworkRequest): StaticAddress {
  if (request.ipAddress === '') {
    throw fieldRefused(
      'ip_address',
      undefined,
      'is empty',
      'Send an IPv4 or IPv6 address, or dhcp true',
    );
  }
  const [text = '', suffix, ...rest] = request.ipAddress.split('/');
  const ip = rest.length === 0 ? parseIp(text) : undefined;
  if (!ip || isNoHost(ip) || isLoopback(ip)) {
    throw fieldRefused(
      'ip_address',
      request.ipAddress,
      'is not an address that an interface can have',
      'Send a unicast address such as 10.0.0.5, 10.0.0.5/24 or 2001:db8::5',
    );
  }
  const prefix = parsePrefix(request, ip, suffix);
  if (isNetworkOrBroadcast(ip, prefix)) {
    throw fieldRefused(
      'ip_address',
      request.ipAddress,
      `is the network or broadcast address of its /${prefix}`,
      'Send the address of a host in that network',
    );
  }
  return { ip, prefix, gateway: parseGateway(request.gateway, ip, prefix) };
}

/** @param suffix what followed the slash in ip_address */
function parsePrefix(
  { ipAddress, netmask }: ConfigureNetworkRequest,
  ip: Ip,
  suffix: string | undefined,
): number {
  const allowed =
    ip.family === 4
      ? 'Send a contiguous mask such as 255.255.255.0, or a prefix length from 1 to 32'
      : 'Send a prefix length from 1 to 128';
  const fromAddress = suffix === undefined ? undefined : prefixLength(suffix, ip);
  if (suffix !== undefined && fromAddress === undefined) {
    throw fieldRefused('ip_address', ipAddress, 'has no usable prefix length', allowed);
  }
  if (netmask === '') {
    if (fromAddress !== undefined) return fromAddress;
    throw fieldRefused('netmask', undefined, 'is empty', allowed);
  }
  const mask = ip.family === 4 ? prefixOfMask(netmask) : undefined;
  const fromNetmask = mask === 0 ? undefined : (mask ?? prefixLength(netmask, ip));
  if (fromNetmask === undefined) {
    throw fieldRefused('netmask', netmask, `is not one for ${ip.text}`, allowed);
  }
  if (fromAddress !== undefined && fromAddress !== fromNetmask) {
    throw fieldRefused(
      'netmask',
      netmask,
      `contradicts ip_address, which ends in /${fromAddress}`,
      'Leave netmask empty, or send ip_address without a prefix length',
    );
  }
  return fromNetmask;
}

function prefixLength(text: string, ip: Ip): number | undefined {
  const prefix = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : undefined;
  return prefix !== undefined && prefix <= bitsOf(ip.family) ? prefix : undefined;
}

function parseGateway(text: string, ip: Ip, prefix: number): Ip | undefined {
  if (text === '') return undefined;
  const gateway = parseIp(text);
  const allowed = `Send an IPv${ip.family} address of the network of ${ip.text}/${prefix}, or none`;
  if (gateway?.family !== ip.family) {
    throw fieldRefused('gateway', text, `is not an IPv${ip.family} address`, allowed);
  }
  if (gateway.text === ip.text) {
    throw fieldRefused('gateway', text, 'is the address of the interface itself', allowed);
  }
  if (gateway.family === 6 && isLinkLocal(gateway)) return gateway;
  if (!isInSubnet(gateway, ip, prefix) || isNetworkOrBroadcast(gateway, prefix)) {
    throw fieldRefused(
      'gateway',
      text,
      `is no host in the network of ${ip.text}/${prefix}`,
      allowed,
    );
  }
  return gateway;
}

function parseDnsServers(texts: readonly string[]): Ip[] {
  if (texts.length > MAX_DNS_SERVERS) {
    throw fieldRefused(
      'dns_servers',
      undefined,
      `has ${texts.length} entries`,
      `Send at most ${MAX_DNS_SERVERS}`,
    );
  }
  return texts.map((text) => {
    const ip = parseIp(text);
    if (ip && !isNoHost(ip)) return ip;
    throw fieldRefused(
      'dns_servers',
      text,
      'is not the address of a server',
      'Send unicast IPv4 or IPv6 addresses',
    );
  });
}
