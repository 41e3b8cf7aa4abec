import type { Guest } from './guest.ts';

/** What the guest's kernel has for an interface. */
export interface InterfaceState {
  /** IPv4, such as `10.0.2.15/24`. */
  readonly addresses: readonly string[];
  /** Where the default route leads. */
  readonly gateways: readonly string[];
  readonly mtu: number;
}

export async function interfaceState(guest: Guest, name: string): Promise<InterfaceState> {
  const [links, routes] = await Promise.all([
    guest.ok(`ip -json -4 address show dev ${name}`),
    guest.ok(`ip -json -4 route show default dev ${name}`),
  ]);
  const [link] = JSON.parse(links);
  return {
    addresses: (link?.addr_info ?? []).map(
      ({ local, prefixlen }: { local: string; prefixlen: number }) => `${local}/${prefixlen}`,
    ),
    gateways: JSON.parse(routes).map(({ gateway }: { gateway: string }) => gateway),
    mtu: link?.mtu,
  };
}
