import { describe, expect, test } from 'vitest';
import { parseIp } from '../src/ip.ts';
import { renderNetworkFile } from '../src/linux/networkd/network-file.ts';
import { parseRequest } from '../src/request.ts';

const DHCP = parseRequest({
  interface: 'eth0',
  ipAddress: '',
  netmask: '',
  gateway: '',
  dnsServers: ['192.0.2.2'],
  dhcp: true,
});
const FIXED = { ...DHCP, address: fixed('10.0.0.5', 24, '10.0.0.1') };
const FIXED_V6 = { ...DHCP, dnsServers: [], address: fixed('2001:db8::5', 64) };

function fixed(text: string, prefix: number, gateway = '') {
  const ip = parseIp(text);
  if (!ip) throw new Error(text);
  return { ip, prefix, gateway: parseIp(gateway) };
}

const CURRENT = `# somebody's
[Match]
Name=e*
Driver=virtio_net

[Link]
MTUBytes = 1400
Unmanaged=yes

[Network]
Description=two \\
  lines
DHCP=yes
Address=10.1.1.1/24
DNS=192.0.2.1
VLAN=lan5
; gone
IPv6AcceptRA=yes

[Address]
Address=10.1.1.2/24

[Route]
Gateway=10.1.1.254

[Route]
Destination=10.50.0.0/16
Gateway=10.1.1.253

[Route]
Destination=10.60.0.0/16
Gateway=10.0.0.2

[Route]
Gateway=10.0.0.3
Table=7

[DHCPv4]
UseDNS=yes
RouteMetric=50
`;

describe('the file for networkd', () => {
  test('has the change, and of the present one what does not concern addresses', () => {
    expect(
      renderNetworkFile(FIXED, CURRENT, false),
    ).toBe(`# Written by the Limiquantix guest agent at the request of the host.

[Match]
Name=eth0

[Network]
DHCP=no
Address=10.0.0.5/24
Gateway=10.0.0.1
DNS=192.0.2.2

[Link]
MTUBytes=1400

[Network]
Description=two    lines
VLAN=lan5
IPv6AcceptRA=yes

[Route]
Destination=10.60.0.0/16
Gateway=10.0.0.2

[Route]
Gateway=10.0.0.3
Table=7

[DHCPv4]
RouteMetric=50
`);
  });

  test('turns off what would add addresses to a fixed IPv6 one', () => {
    const text = renderNetworkFile(FIXED_V6, CURRENT, false);
    expect(text.match(/^IPv6AcceptRA=.*$/gm)).toEqual(['IPv6AcceptRA=no']);
    const back = renderNetworkFile(FIXED, text, true);
    expect(back).not.toContain('IPv6AcceptRA');
    expect(back).not.toContain('2001:db8');
    expect(back).toContain('VLAN=lan5');
  });

  test('takes the name servers of the request rather than those of DHCP', () => {
    const text = renderNetworkFile(DHCP, CURRENT, false);
    expect(text.match(/^(DHCP|DNS|UseDNS|Address|RouteMetric)=.*$/gm)).toEqual([
      'DHCP=ipv4',
      'DNS=192.0.2.2',
      'UseDNS=no',
      'RouteMetric=50',
    ]);
    expect(renderNetworkFile({ ...DHCP, dnsServers: [] }, text, true)).not.toContain('UseDNS');
  });
});
