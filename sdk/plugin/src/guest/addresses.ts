import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

export interface GuestAddress {
  readonly interface: string;
  readonly address: string;
  readonly cidr: string;
  readonly family: 'IPv4' | 'IPv6';
}

/**
 * Interfaces that containers and hypervisors make inside a guest. Docker names the bridges
 * of its networks by their hexadecimal ids; `br-lan` is somebody's own.
 */
const CONTAINER =
  /^(docker|veth|br-[0-9a-f]{12}$|virbr|cni|flannel|cali|vxlan\.calico|cilium_|podman|nerdctl|weave|lxc|lxdbr|incusbr|kube|nodelocaldns)/;

/** Whether an interface is the guest's own: not loopback, and not made for containers. */
export function isGuestInterface(name: string): boolean {
  return name !== 'lo' && !CONTAINER.test(name);
}

/**
 * The addresses under which the guest can be reached: no loopback, no bridges of
 * containers, link-local ones only where the family has no other.
 */
export function guestAddresses(
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): GuestAddress[] {
  const all = Object.entries(interfaces).flatMap(([name, addresses]) =>
    isGuestInterface(name) ? (addresses ?? []).filter((a) => !a.internal).map(row(name)) : [],
  );
  const reachable = new Set(all.filter((a) => !isLinkLocal(a)).map((a) => a.family));
  return all.filter((a) => !isLinkLocal(a) || !reachable.has(a.family));
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
