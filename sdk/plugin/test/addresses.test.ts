import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { guestAddresses, isGuestInterface } from '../src/guest/addresses.ts';

function at(cidr: string, internal = false): NetworkInterfaceInfo {
  const address = cidr.split('/')[0] ?? '';
  const common = { address, cidr, netmask: '', mac: '', internal };
  return address.includes(':')
    ? { ...common, family: 'IPv6', scopeid: 0 }
    : { ...common, family: 'IPv4' };
}

const cidrs = (interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>) =>
  guestAddresses(interfaces).map(({ cidr }) => cidr);

test('lists addresses with their masks and interfaces', () => {
  expect(guestAddresses({ eth0: [at('10.0.0.5/24')] })).toEqual([
    { interface: 'eth0', address: '10.0.0.5', cidr: '10.0.0.5/24', family: 'IPv4' },
  ]);
});

test('leaves out loopback', () => {
  const loopback = [at('127.0.0.1/8', true), at('::1/128', true)];
  expect(cidrs({ lo: loopback, 'Loopback Pseudo-Interface 1': loopback })).toEqual([]);
  // An address that somebody gave the loopback is not reached from outside either.
  expect(cidrs({ lo: [at('10.1.1.1/32')] })).toEqual([]);
});

test('leaves out what containers brought', () => {
  const names = [
    'docker0',
    'docker_gwbridge',
    'br-0a1b2c3d4e5f',
    'veth4b09c1a',
    'virbr0',
    'cni0',
    'flannel.1',
    'cali1234',
    'cilium_host',
    'podman0',
    'lxcbr0',
    'lxdbr0',
    'incusbr0',
  ];
  const all = Object.fromEntries(names.map((name) => [name, [at('172.17.0.1/16')]]));
  expect(cidrs(all)).toEqual([]);
});

test("keeps the guest's own bridges, bonds, VLANs and tunnels", () => {
  for (const name of ['eth0', 'ens3', 'enp1s0.100', 'bond0', 'br0', 'br-lan', 'wg0', 'tun0']) {
    expect(isGuestInterface(name)).toBe(true);
    expect(cidrs({ [name]: [at('10.0.0.5/24')] })).toEqual(['10.0.0.5/24']);
  }
});

test('leaves out link-local addresses where the family has another', () => {
  expect(
    cidrs({
      eth0: [at('10.0.0.5/24'), at('fe80::1/64')],
      eth1: [at('169.254.7.7/16'), at('fe80::2/64')],
    }),
  ).toEqual(['10.0.0.5/24', 'fe80::1/64', 'fe80::2/64']);
  expect(cidrs({ eth0: [at('169.254.7.7/16'), at('2001:db8::1/64'), at('febf::1/64')] })).toEqual([
    '169.254.7.7/16',
    '2001:db8::1/64',
  ]);
});

test('a name does not make an address link-local', () => {
  expect(cidrs({ eth0: [at('fec0::1/64'), at('fe80::1/64'), at('169.253.0.1/16')] })).toEqual([
    'fec0::1/64',
    '169.253.0.1/16',
  ]);
});

test('lists an address without a mask as it is, and interfaces without addresses not at all', () => {
  const without = { ...at('10.0.0.5/24'), cidr: null };
  expect(cidrs({ eth0: [without], eth1: [], eth2: undefined })).toEqual(['10.0.0.5']);
});

test('reads this guest', () => {
  for (const { address, cidr } of guestAddresses()) {
    expect(cidr.startsWith(`${address}/`)).toBe(true);
    expect(address).not.toMatch(/^(127\.|::1$)/);
  }
});
