import { readdir, readFile, readlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { basename, join } from 'node:path';
import { interfaceEnslaved, interfaceMissing } from '../errors.ts';

/** A network interface of the guest. */
export interface NetworkInterface {
  readonly name: string;
  /** Lower case; empty where it has none. */
  readonly mac: string;
  /** Of its device: `virtio_net`; empty for what is no device. */
  readonly driver: string;
}

/**
 * @param directory as /sys/class/net
 * @throws AgentError where it does not exist or is a port of another
 */
export async function findInterface(name: string, directory: string): Promise<NetworkInterface> {
  const path = join(directory, name);
  // The directory also has a plain file, bonding_masters.
  const entries = await readdir(path).catch(() => undefined);
  if (!entries) throw interfaceMissing(name, await interfaceNames(directory));
  if (entries.includes('brport') || entries.includes('bonding_slave')) {
    throw interfaceEnslaved(name, basename(await readlink(join(path, 'master'))));
  }
  const mac = await readFile(join(path, 'address'), 'utf8').catch(() => '');
  const driver = await readlink(join(path, 'device/driver')).catch(() => '');
  return { name, mac: mac.trim().toLowerCase(), driver: basename(driver) };
}

/** The addresses that the kernel has for it, as `10.0.0.5/24`; none while it has no carrier. */
export function addressesOf(name: string): string[] {
  return (networkInterfaces()[name] ?? []).flatMap(({ cidr }) => cidr ?? []);
}

/** For an operator to read. */
export async function describeLink(name: string, directory: string): Promise<string> {
  const carrier = await readFile(join(directory, name, 'carrier'), 'utf8').catch(() => '');
  return carrier.trim() === '1' ? 'the link is up' : 'the link is down';
}

async function interfaceNames(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isFile() && entry.name !== 'lo')
    .map((entry) => entry.name)
    .sort();
}
