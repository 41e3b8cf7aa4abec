import { setTimeout as pause } from 'node:timers/promises';
import type {
  Call,
  ConfigureNetworkRequest,
  ConfigureNetworkResponse,
  Init,
  Logger,
} from '@limiquantix/plugin-sdk';
import type { Backend } from './backend.ts';
import { addressNotSet, afterPuttingBack, cancelled, noBackend } from './errors.ts';
import { describeLink, findInterface, type NetworkInterface } from './linux/interface.ts';
import {
  cidrOf,
  isReplacedBy,
  type NetworkChange,
  parseRequest,
  type StaticAddress,
} from './request.ts';
import { Undo } from './undo.ts';

export interface ConfiguratorOptions {
  /** In the order in which they come before one another. */
  readonly backends: readonly Backend[];
  readonly readbackTimeoutMs: number;
  /** As /sys/class/net. */
  readonly interfaces: string;
  /** The addresses that the kernel has for an interface, as `10.0.0.5/24`. */
  readonly addressesOf: (name: string) => readonly string[];
  readonly log: Logger;
}

const READBACK_INTERVAL_MS = 100;
/** An address that an interface has already is taken away and set again. */
const SETTLED_MS = 1000;

/** Changes the guest's network, one change at a time. */
export class Configurator {
  readonly #options: ConfiguratorOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ConfiguratorOptions) {
    this.#options = options;
  }

  /**
   * Once it has begun it goes on to its end, cancelled or not: half a change would be worse.
   * @throws AgentError NETWORK_CONFIG_FAILED; its context says if the former state is back
   */
  async configure(
    request: ConfigureNetworkRequest,
    { signal }: Pick<Call, 'signal'>,
  ): Promise<Init<ConfigureNetworkResponse>> {
    const change = parseRequest(request);
    const mine = this.#last.then(() => {
      if (signal.aborted) throw cancelled();
      return this.#change(change);
    });
    this.#last = mine.catch(() => {});
    return mine;
  }

  async #change(change: NetworkChange): Promise<Init<ConfigureNetworkResponse>> {
    const { interfaces, log } = this.#options;
    const nic = await findInterface(change.interface, interfaces);
    const backend = await this.#choose(nic);
    const facts = {
      interface: change.interface,
      backend: backend.name,
      address: change.address ? cidrOf(change.address) : 'dhcp',
    };
    const former = this.#options.addressesOf(nic.name);
    const undo = new Undo();
    try {
      await backend.configure(change, nic, undo);
      if (change.address) await this.#readBack(nic.name, change.address, former);
    } catch (error) {
      if (undo.isEmpty) throw error;
      const problems = await undo.run();
      if (problems.length > 0) log.error('the network was not put back', { ...facts, problems });
      throw afterPuttingBack(error, problems);
    }
    log.info('network configured', facts);
    return { success: true, backend: backend.name };
  }

  /** The first that manages it; where none does, the first that could. */
  async #choose(nic: NetworkInterface): Promise<Backend> {
    let available: Backend | undefined;
    const reasons = new Set<string>();
    for (const backend of this.#options.backends) {
      const standing = await backend.standing(nic);
      if (standing === 'manages') return backend;
      if (standing === 'available') available ??= backend;
      else reasons.add(`${backend.name}: ${standing.absent}`);
    }
    if (!available) throw noBackend([...reasons]);
    return available;
  }

  /** Waits until the kernel has the new address and none of the former ones, and keeps to it. */
  async #readBack(name: string, address: StaticAddress, former: readonly string[]): Promise<void> {
    const { readbackTimeoutMs, interfaces, addressesOf } = this.#options;
    const wanted = cidrOf(address);
    const replaced = former.filter((cidr) => isReplacedBy(address, cidr));
    const deadline = performance.now() + readbackTimeoutMs;
    let since = Number.POSITIVE_INFINITY;
    for (;;) {
      const present = addressesOf(name);
      const now = performance.now();
      const right = present.includes(wanted) && !replaced.some((cidr) => present.includes(cidr));
      since = right ? Math.min(since, now) : Number.POSITIVE_INFINITY;
      if (now - since >= SETTLED_MS) return;
      if (!right && now > deadline) {
        throw addressNotSet(wanted, {
          seconds: readbackTimeoutMs / 1000,
          link: await describeLink(name, interfaces),
          present,
        });
      }
      await pause(READBACK_INTERVAL_MS);
    }
  }
}
