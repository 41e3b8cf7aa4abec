import { BlockList, isIP, SocketAddress } from 'node:net';

/** A plain unicast or other address, written as the kernel writes it. */
export interface Ip {
  readonly text: string;
  readonly family: 4 | 6;
}

/**
 * @returns undefined for what is no address, for one with a zone (`fe80::1%eth0`), and for an
 *   IPv4 address in the clothes of an IPv6 one (`::ffff:10.0.0.1`)
 */
export function parseIp(text: string): Ip | undefined {
  const family = isIP(text);
  if (family === 4) return { text, family };
  if (family !== 6 || text.includes('%')) return undefined;
  const canonical = new SocketAddress({ address: text, family: 'ipv6' }).address;
  return canonical.includes('.') ? undefined : { text: canonical, family };
}

/** How many bits an address has: the longest prefix. */
export function bitsOf(family: Ip['family']): 32 | 128 {
  return family === 4 ? 32 : 128;
}

export function isInSubnet(ip: Ip, member: Ip, prefix: number): boolean {
  return ip.family === member.family && blocks([member.text, prefix]).check(ip.text, kind(ip));
}

/** Whether the address stands for the subnet itself or for all of its hosts (IPv4 only). */
export function isNetworkOrBroadcast(ip: Ip, prefix: number): boolean {
  if (ip.family === 6 || prefix >= 31) return false;
  const host = numberOf(ip.text) % 2 ** (32 - prefix);
  return host === 0 || host === 2 ** (32 - prefix) - 1;
}

/** @returns undefined where the mask is not ones followed by zeros */
export function prefixOfMask(mask: string): number | undefined {
  if (isIP(mask) !== 4) return undefined;
  const bits = numberOf(mask).toString(2).padStart(32, '0');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

export function isLinkLocal(ip: Ip): boolean {
  return LINK_LOCAL.check(ip.text, kind(ip));
}

export function isLoopback(ip: Ip): boolean {
  return LOOPBACK.check(ip.text, kind(ip));
}

/** Unspecified, "this network", multicast, reserved or broadcast: no host has such an address. */
export function isNoHost(ip: Ip): boolean {
  return NO_HOST.check(ip.text, kind(ip));
}

const LINK_LOCAL = blocks(['169.254.0.0', 16], ['fe80::', 10]);
const LOOPBACK = blocks(['127.0.0.0', 8], ['::1', 128]);
const NO_HOST = blocks(['0.0.0.0', 8], ['224.0.0.0', 3], ['::', 128], ['ff00::', 8]);

function blocks(...subnets: readonly (readonly [base: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [base, prefix] of subnets) {
    list.addSubnet(base, prefix, isIP(base) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

function kind(ip: Ip): 'ipv4' | 'ipv6' {
  return ip.family === 4 ? 'ipv4' : 'ipv6';
}

function numberOf(ipv4: string): number {
  return ipv4.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}
