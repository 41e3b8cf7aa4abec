import { type Init, type InterfaceInfo, InterfaceState } from '@limiquantix/plugin-sdk';
import { type GuestAddress, isGuestInterface } from '@limiquantix/plugin-sdk/guest';
import { Aged } from './aged.ts';
import { type InterfaceCounters, parseNetDev } from './net-dev.ts';
import { ProcFile } from './proc-file.ts';

/** Bounds the report, and the descriptors: three for each. */
const MAX_INTERFACES = 64;

export interface InterfaceReaderOptions {
  /** How old the MAC address and the MTU may be; counters and the state are always read anew. */
  readonly attributesMaxAgeMs?: number;
}

/** Reads the guest's network interfaces, also those that are down. */
export class InterfaceReader {
  readonly #counters = new ProcFile('/proc/net/dev', { recordBytes: 512 });
  readonly #attributes = new Map<string, Attributes>();
  readonly #maxAgeMs: number;

  constructor({ attributesMaxAgeMs = 0 }: InterfaceReaderOptions = {}) {
    this.#maxAgeMs = attributesMaxAgeMs;
  }

  /**
   * @param addresses of the guest, to be sorted by interface
   * @throws Error where the kernel does not list the interfaces
   */
  read(addresses: readonly GuestAddress[]): Init<InterfaceInfo>[] {
    const present = parseNetDev(this.#counters.read())
      .filter(({ name }) => isGuestInterface(name))
      .slice(0, MAX_INTERFACES);
    this.#forgetAllBut(new Set(present.map(({ name }) => name)));
    return present.map((counters) => this.#row(counters, addresses));
  }

  close(): void {
    this.#counters.close();
    this.#forgetAllBut(new Set());
  }

  #row(
    { name, rxBytes, rxPackets, txBytes, txPackets }: InterfaceCounters,
    addresses: readonly GuestAddress[],
  ): Init<InterfaceInfo> {
    const cidrs = (family: string) =>
      addresses.filter((a) => a.interface === name && a.family === family).map((a) => a.cidr);
    const { macAddress, mtu, state } = this.#attributesOf(name).read();
    // One by one: to spread these objects is the slow way to make a new one.
    return {
      name,
      rxBytes,
      rxPackets,
      txBytes,
      txPackets,
      macAddress,
      mtu,
      state,
      ipv4Addresses: cidrs('IPv4'),
      ipv6Addresses: cidrs('IPv6'),
    };
  }

  #attributesOf(name: string): Attributes {
    const known = this.#attributes.get(name);
    if (known) return known;
    const fresh = new Attributes(name, this.#maxAgeMs);
    this.#attributes.set(name, fresh);
    return fresh;
  }

  #forgetAllBut(names: ReadonlySet<string>): void {
    for (const [name, attributes] of this.#attributes) {
      if (names.has(name)) continue;
      attributes.close();
      this.#attributes.delete(name);
    }
  }
}

/** What sysfs says of one interface. */
class Attributes {
  readonly #address: ProcFile;
  readonly #mtu: ProcFile;
  readonly #state: ProcFile;
  readonly #lasting: Aged<Pick<Init<InterfaceInfo>, 'macAddress' | 'mtu'>>;

  constructor(name: string, maxAgeMs: number) {
    this.#address = new ProcFile(`/sys/class/net/${name}/address`);
    this.#mtu = new ProcFile(`/sys/class/net/${name}/mtu`);
    this.#state = new ProcFile(`/sys/class/net/${name}/operstate`);
    this.#lasting = new Aged(maxAgeMs, () => ({
      macAddress: macAddress(read(this.#address)),
      mtu: Number(read(this.#mtu)) || undefined,
    }));
  }

  read(): Pick<Init<InterfaceInfo>, 'macAddress' | 'mtu' | 'state'> {
    const { macAddress, mtu } = this.#lasting.get();
    return { macAddress, mtu, state: stateOf(read(this.#state)) };
  }

  close(): void {
    this.#address.close();
    this.#mtu.close();
    this.#state.close();
  }
}

/** Whether it is connected and has no address under which it can be reached. */
export function lacksAddress({
  state,
  ipv4Addresses,
  ipv6Addresses,
}: Init<InterfaceInfo>): boolean {
  return state !== InterfaceState.DOWN && !ipv4Addresses?.length && !ipv6Addresses?.length;
}

/** The interface can go between the list and this. */
function read(file: ProcFile): string | undefined {
  try {
    return file.read().toString('latin1').trim();
  } catch {
    return undefined;
  }
}

/** Tunnels have an IP address there, or zeros, or nothing. */
export function macAddress(text: string | undefined): string | undefined {
  return text !== undefined && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text) && /[1-9a-f]/.test(text)
    ? text
    : undefined;
}

/** The operational state of RFC 2863; drivers that keep none (tun, wireguard) say `unknown`. */
export function stateOf(text: string | undefined): InterfaceState {
  if (text === 'up') return InterfaceState.UP;
  if (text === undefined || text === 'unknown') return InterfaceState.UNKNOWN;
  return InterfaceState.DOWN;
}
