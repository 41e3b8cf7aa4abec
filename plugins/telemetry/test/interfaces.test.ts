import { InterfaceState } from '@limiquantix/plugin-sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InterfaceReader, lacksAddress, macAddress, stateOf } from '../src/linux/interfaces.ts';
import { type InterfaceCounters, parseNetDev } from '../src/linux/net-dev.ts';
import { NET_DEV_2_6_32, NET_DEV_5_15 } from './recorded.ts';

const parse = (text: string): InterfaceCounters[] => parseNetDev(Buffer.from(text));

test('reads the counters of every interface', () => {
  const rows = parse(NET_DEV_5_15);
  expect(rows.map(({ name }) => name)).toEqual([
    'lo',
    'ens3',
    'docker0',
    'br-0a1b2c3d4e5f',
    'veth4b09c1a',
  ]);
  expect(rows[1]).toEqual({
    name: 'ens3',
    rxBytes: 68210035552,
    rxPackets: 520993275,
    txBytes: 9315587528,
    txPackets: 43451486,
  });
});

test('reads columns that touch, aliases, and counters beyond what a number holds', () => {
  expect(parse(NET_DEV_2_6_32)).toEqual([
    {
      name: 'eth0',
      rxBytes: 18446744073709551615n,
      rxPackets: 520993275,
      txBytes: 9315587528,
      txPackets: 43451486,
    },
    { name: 'ibr10:30', rxBytes: 7, rxPackets: 1, txBytes: 9, txPackets: 2 },
  ]);
});

test('never fails and never counts below zero', () => {
  const line = fc.tuple(fc.string(), fc.array(fc.bigInt({ min: 0n, max: 10n ** 25n })));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.map(([name, counters]) => `${name}: ${counters.join(' ')}`).join('\n');
      for (const { rxBytes, txBytes, rxPackets, txPackets } of parse(text)) {
        for (const counter of [rxBytes, txBytes, rxPackets, txPackets]) {
          expect(counter >= 0 && counter < 2n ** 64n).toBe(true);
        }
      }
    }),
  );
});

test('takes a MAC address and nothing else for one', () => {
  expect(macAddress('52:54:00:12:34:56')).toBe('52:54:00:12:34:56');
  for (const other of [
    '00:00:00:00:00:00',
    '10.0.0.1',
    '',
    undefined,
    `80:${'0a:'.repeat(18)}01`,
  ]) {
    expect(macAddress(other)).toBeUndefined();
  }
});

test('a driver that keeps no state is neither up nor down', () => {
  const states = ['up', 'down', 'lowerlayerdown', 'dormant', 'unknown', undefined];
  expect(states.map(stateOf)).toEqual([1, 2, 2, 2, 0, 0]);
});

test('sorts the addresses by interface, and gives every descriptor back', () => {
  const reader = new InterfaceReader();
  const [name] = reader.read([]).map((row) => row.name);
  if (name === undefined) throw new Error('this test needs a network interface');
  const at = (address: string, family: 'IPv4' | 'IPv6', on = name) => {
    return { interface: on, address, cidr: `${address}/64`, family };
  };
  const addresses = [
    at('10.0.0.1', 'IPv4'),
    at('10.9.9.9', 'IPv4', 'other'),
    at('fd00::1', 'IPv6'),
  ];
  expect(reader.read(addresses)[0]).toMatchObject({
    name,
    ipv4Addresses: ['10.0.0.1/64'],
    ipv6Addresses: ['fd00::1/64'],
  });
  reader.close();
});

test('an interface that is connected waits for an address, one that is down does not', () => {
  const row = { name: 'eth0', ipv4Addresses: [], ipv6Addresses: [] };
  expect(lacksAddress({ ...row, state: InterfaceState.UP })).toBe(true);
  expect(lacksAddress({ ...row, state: InterfaceState.UNKNOWN })).toBe(true);
  expect(lacksAddress({ ...row, state: InterfaceState.DOWN })).toBe(false);
  const addressed = { ...row, state: InterfaceState.UP, ipv6Addresses: ['fd00::1/64'] };
  expect(lacksAddress(addressed)).toBe(false);
});
