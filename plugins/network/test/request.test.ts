import type { ConfigureNetworkRequest } from '@limiquantix/plugin-sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cidrOf, parseRequest } from '../src/request.ts';

const EMPTY: ConfigureNetworkRequest = {
  interface: 'eth0',
  ipAddress: '',
  netmask: '',
  gateway: '',
  dnsServers: [],
  dhcp: false,
};

function parse(request: Partial<ConfigureNetworkRequest>) {
  return parseRequest({ ...EMPTY, ...request });
}

describe('an address', () => {
  test.each([
    ['10.0.0.5', '255.255.255.0', '10.0.0.5/24'],
    ['10.0.0.5', '24', '10.0.0.5/24'],
    ['10.0.0.5/24', '', '10.0.0.5/24'],
    ['10.0.0.5/24', '255.255.255.0', '10.0.0.5/24'],
    ['10.0.0.0', '31', '10.0.0.0/31'],
    ['10.0.0.5', '255.255.255.255', '10.0.0.5/32'],
    ['10.0.0.5', '128.0.0.0', '10.0.0.5/1'],
    ['2001:DB8:0:0::5', '64', '2001:db8::5/64'],
    ['2001:db8::5/128', '', '2001:db8::5/128'],
    ['fe80::5', '64', 'fe80::5/64'],
  ])('%s with netmask "%s" is %s', (ipAddress, netmask, cidr) => {
    const { address } = parse({ ipAddress, netmask });
    expect(address && cidrOf(address)).toBe(cidr);
  });

  test.each([
    ['', '24', 'ip_address is empty'],
    ['10.0.0.5', '', 'netmask is empty'],
    ['2001:db8::5', '', 'netmask is empty'],
    ['10.0.0.5', '255.0.255.0', 'netmask "255.0.255.0"'],
    ['10.0.0.5', '0.255.255.255', 'netmask "0.255.255.255"'],
    ['10.0.0.5', '0.0.0.0', 'netmask "0.0.0.0"'],
    ['10.0.0.5', '0', 'netmask "0"'],
    ['10.0.0.5', '33', 'netmask "33"'],
    ['10.0.0.5', '/24', 'netmask "/24"'],
    ['10.0.0.5', '024', 'netmask "024"'],
    ['10.0.0.5', '24 ', 'netmask "24 "'],
    ['10.0.0.5', '64', 'netmask "64"'],
    ['2001:db8::5', '129', 'netmask "129"'],
    ['2001:db8::5', '255.255.255.0', 'netmask "255.255.255.0"'],
    ['2001:db8::5', 'ffff:ffff::', 'netmask "ffff:ffff::"'],
    ['10.0.0.5/24', '25', 'contradicts ip_address'],
    ['10.0.0.5/', '', 'has no usable prefix length'],
    ['10.0.0.5/33', '', 'has no usable prefix length'],
    ['10.0.0.5/24/8', '', 'ip_address "10.0.0.5/24/8"'],
    ['10.0.0.0', '24', 'network or broadcast'],
    ['10.0.0.255', '24', 'network or broadcast'],
    ['0.0.0.0', '24', 'ip_address "0.0.0.0"'],
    ['0.1.2.3', '24', 'ip_address "0.1.2.3"'],
    ['127.0.0.2', '8', 'ip_address "127.0.0.2"'],
    ['224.0.0.1', '24', 'ip_address "224.0.0.1"'],
    ['255.255.255.255', '32', 'ip_address "255.255.255.255"'],
    ['::', '64', 'ip_address "::"'],
    ['::1', '128', 'ip_address "::1"'],
    ['ff02::1', '64', 'ip_address "ff02::1"'],
    ['fe80::1%eth0', '64', 'ip_address "fe80::1%eth0"'],
    ['::ffff:10.0.0.5', '96', 'ip_address "::ffff:10.0.0.5"'],
    ['::10.0.0.5', '96', 'ip_address "::10.0.0.5"'],
    ['010.0.0.5', '24', 'ip_address "010.0.0.5"'],
    ['10.0.0', '24', 'ip_address "10.0.0"'],
    ['10.0.0.5\n', '24', 'ip_address "10.0.0.5\\n"'],
    ['1.1.1.1\nfoo', '24', 'ip_address "1.1.1.1\\nfoo"'],
    ['"10.0.0.5"', '24', 'ip_address "\\"10.0.0.5\\""'],
    ["10.0.0.5'; id #", '24', 'ip_address'],
    ['$(id)', '24', 'ip_address'],
  ])('%j with netmask "%s" is refused: %s', (ipAddress, netmask, why) => {
    expect(() => parse({ ipAddress, netmask })).toThrow(why);
    expect(() => parse({ ipAddress, netmask })).toThrow(
      expect.objectContaining({ code: 5004, resolution: expect.stringMatching(/^Send|^Leave/) }),
    );
  });
});

describe('a gateway', () => {
  const address = { ipAddress: '10.0.0.5', netmask: '24' };
  const address6 = { ipAddress: '2001:db8::5', netmask: '64' };
  test.each([
    [address, '10.0.0.1'],
    [address, ''],
    [{ ipAddress: '10.0.0.0', netmask: '31' }, '10.0.0.1'],
    [address6, '2001:db8::1'],
    [address6, 'fe80::1'],
  ])('of %j may be "%s"', (given, gateway) => {
    expect(parse({ ...given, gateway }).address?.gateway?.text ?? '').toBe(gateway);
  });

  test.each([
    [address, '10.0.1.1'],
    [address, '10.0.0.0'],
    [address, '10.0.0.255'],
    [address, '10.0.0.5'],
    [address, '2001:db8::1'],
    [address, 'fe80::1'],
    [address, '10.0.0.1/24'],
    [address, 'gateway'],
    [{ ipAddress: '10.0.0.5', netmask: '32' }, '10.0.0.1'],
    [address6, '2001:db8:1::1'],
    [address6, '2001:db8:0::5'],
    [address6, 'fe80::1%eth0'],
    [address6, '10.0.0.1'],
  ])('of %j may not be "%s"', (given, gateway) => {
    expect(() => parse({ ...given, gateway })).toThrow(`gateway "${gateway}"`);
  });
});

describe('name servers', () => {
  const dhcp = { dhcp: true } as const;
  test('are up to eight addresses of either family', () => {
    const dnsServers = ['1.1.1.1', '2606:4700:4700:0::1111', '127.0.0.53'];
    expect(parse({ ...dhcp, dnsServers }).dnsServers.map((ip) => ip.text)).toEqual([
      '1.1.1.1',
      '2606:4700:4700::1111',
      '127.0.0.53',
    ]);
    expect(() => parse({ ...dhcp, dnsServers: Array(9).fill('1.1.1.1') })).toThrow('9 entries');
  });

  test.each(['', 'dns.example.com', '0.0.0.0', '::', '239.0.0.1', '1.1.1.1 8.8.8.8', '1.1.1.1;'])(
    'do not include "%s"',
    (server) => {
      expect(() => parse({ ...dhcp, dnsServers: [server] })).toThrow(`dns_servers "${server}"`);
    },
  );
});

describe('DHCP', () => {
  test.each([
    ['ip_address', { ipAddress: '10.0.0.5' }],
    ['netmask', { netmask: '24' }],
    ['gateway', { gateway: '10.0.0.1' }],
  ])('contradicts %s', (field, given) => {
    expect(() => parse({ dhcp: true, ...given })).toThrow(
      new RegExp(`${field} .*contradicts dhcp`),
    );
  });
});

describe('an interface', () => {
  test.each(['eth0', 'enp0s31f6', 'br-lan', 'eth0.100', 'wlan_0', 'a23456789012345'])(
    'may be called "%s"',
    (name) => {
      expect(parse({ dhcp: true, interface: name }).interface).toBe(name);
    },
  );

  test.each([
    '',
    'lo',
    '.',
    '..',
    '../eth0',
    'eth0/',
    'a234567890123456',
    '-eth0',
    '--help',
    'eth 0',
    'eth0\n',
    'eth0:\n  x:',
    'eth0: {dhcp4: true}',
    'eth0\0',
    '*',
    'eth?',
    '!eth0',
    'eth[0]',
    "eth'0",
    'eth"0',
    '$(id)',
    ';id',
    'éth0',
    '#',
  ])('may not be called %j', (name) => {
    expect(() => parse({ dhcp: true, interface: name })).toThrow(
      expect.objectContaining({ code: 5004, message: expect.stringContaining('interface "') }),
    );
  });
});

test('what is accepted is made of addresses and a name alone, whatever the host sends', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('', '24', '10.0.0.5', '10.0.0.1'), fc.ipV4());
  fc.assert(
    fc.property(
      fc.record({
        interface: fc.oneof(fc.constant('eth0'), fc.string()),
        ipAddress: fc.oneof(text, fc.ipV6(), fc.ipV4Extended()),
        netmask: fc.oneof(text, fc.nat(130).map(String)),
        gateway: fc.oneof(text, fc.ipV6()),
        dnsServers: fc.array(fc.oneof(text, fc.ipV6())),
        dhcp: fc.boolean(),
      }),
      (request) => {
        let change: ReturnType<typeof parseRequest>;
        try {
          change = parseRequest(request);
        } catch (error) {
          expect(error).toMatchObject({ code: 5004 });
          return;
        }
        expect(change.interface).toMatch(/^[\w.@-]{1,15}$/);
        const ips = [change.address?.ip, change.address?.gateway, ...change.dnsServers];
        for (const ip of ips) if (ip) expect(ip.text).toMatch(/^[0-9a-f.:]{2,39}$/);
      },
    ),
    { numRuns: 5000 },
  );
});
