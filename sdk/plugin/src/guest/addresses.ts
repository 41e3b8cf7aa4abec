import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

export interface GuestAddress {
  readonly interface: string;
  readonly address: string;
  readonly cidr: string;
  readonly family: 'IPv4' | 'IPv6';
}

/** Interfaces that containers and hypervisors make inside a guest. */
const CONTAINER = /^(docker|veth|br-|virbr|cni|flannel|cali|podman|lxcbr|lxdbr|kube|nodelocaldns)/;

/**
 * The addresses under which the guest can be reached: no loopback, no bridges of
 * containers, link-local ones only where the family has no other.
 */
export function guestAddresses(
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): GuestAddress[] {
  const all = Object.entries(interfaces).flatMap(([name, addresses]) =>
    CONTAINER.test(name) ? [] : (addresses ?? []).filter((a) => !a.internal).map(row(name)),
  );
  return all.filter(
    (a) => !isLinkLocal(a) || !all.some((b) => b.family === a.family && !isLinkLocal(b)),
  );
}

function row(name: string): (address: NetworkInterfaceInfo) => GuestAddress {
  return ({ address, cidr, family }) => ({
    interface: name,
    address,
    cidr: cidr ?? address,
    family,
  });
}

function isLinkLocal({ address, family }: GuestAddress): boolean {
  return family === 'IPv4' ? address.startsWith('169.254.') : /^fe[89ab]/i.test(address);
}
