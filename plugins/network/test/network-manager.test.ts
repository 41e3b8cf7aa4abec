import { describe, test } from 'vitest';
import { DHCP_SERVER, file, missing, NETWORK_MANAGER, SYSTEM_BUS, startGuest } from './guest.ts';

const why = missing('NetworkManager', 'nmcli', 'dbus-daemon', 'dnsmasq');

const ACTIVE = `for i in $(seq 100); do nmcli -g GENERAL.STATE device show v0 | grep -q '^100' && break; sleep 0.05; done\n`;

const PROFILE = '/etc/NetworkManager/system-connections/office.nmconnection';

function profile(interfaceName: string): string {
  return file(
    PROFILE,
    `[connection]
id=office
uuid=11111111-2222-3333-4444-555555555555
type=ethernet
${interfaceName}
[ethernet]
mtu=1400

[ipv4]
address1=10.7.7.1/24,10.7.7.254
address2=10.7.8.1/24
dhcp-timeout=2
dns=192.0.2.1;
dns-search=example.com;
method=manual

[ipv6]
address1=2001:db8:7::1/64
ra-timeout=2
method=manual
`,
    '600',
  );
}

const BOUND = profile('interface-name=v0\n');
const UNBOUND = profile('');

const REQUEST = {
  interface: 'v0',
  ipAddress: '10.0.0.5',
  netmask: '24',
  gateway: '10.0.0.1',
  dnsServers: ['192.0.2.2'],
};

describe.skipIf(why).concurrent(`NetworkManager${why}`, { timeout: 60_000 }, () => {
  test('changes the profile of the interface, and of it only the addresses', async ({ expect }) => {
    await using guest = await startGuest(BOUND + SYSTEM_BUS + NETWORK_MANAGER + ACTIVE);
    expect(await guest.addresses()).toContain('10.7.8.1/24');
    expect(await guest.configure(REQUEST)).toMatchObject({ backend: 'networkmanager' });
    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
    expect(await guest.gateways()).toEqual(['10.0.0.1']);
    expect(await guest.run('nmcli -g NAME connection show --active')).toContain('office\n');
    expect(await guest.run('ip link show v0')).toContain('mtu 1400');
    expect(await guest.run('nmcli -g ipv4.dns,ipv4.dns-search connection show office')).toBe(
      '192.0.2.2\nexample.com\n',
    );

    await guest.configure({ interface: 'v0', ipAddress: '2001:db8::5', netmask: '64' });
    expect(await guest.addresses()).toEqual(['2001:db8::5/64']);
    expect(await guest.run('nmcli -g ipv6.dns-search connection show office')).toBe(
      'example.com\n',
    );
  });

  test('leaves a profile alone that is for other interfaces too', async ({ expect }) => {
    await using guest = await startGuest(UNBOUND + SYSTEM_BUS + NETWORK_MANAGER + ACTIVE);
    const before = await guest.run(`cat ${PROFILE}`);
    await guest.configure(REQUEST);
    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
    expect(await guest.run('ip link show v0')).toContain('mtu 1400');
    expect(await guest.run(`cat ${PROFILE}`)).toBe(before);
    const own = '/etc/NetworkManager/system-connections/limiquantix-v0.nmconnection';
    expect(await guest.run(`stat -c %a ${own}`)).toBe('600\n');

    await guest.configure({ ...REQUEST, ipAddress: '10.0.0.6' });
    expect(await guest.addresses()).toEqual(['10.0.0.6/24']);
    expect(await guest.run('ls /etc/NetworkManager/system-connections')).toBe(
      'limiquantix-v0.nmconnection\noffice.nmconnection\n',
    );
  });

  test('configures an interface that has no profile yet', async ({ expect }) => {
    await using guest = await startGuest(SYSTEM_BUS + NETWORK_MANAGER);
    await guest.configure(REQUEST);
    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
  });

  test('has an interface ask for its address', async ({ expect }) => {
    await using guest = await startGuest(
      BOUND + DHCP_SERVER + SYSTEM_BUS + NETWORK_MANAGER + ACTIVE,
    );
    await guest.configure({ interface: 'v0', dhcp: true });
    expect(await guest.addresses()).toEqual(['10.8.0.50/24']);
    expect(await guest.gateways()).toEqual(['10.8.0.1']);
  });

  test.for([
    ['its own profile', BOUND],
    ['a profile of several interfaces', UNBOUND],
  ])(
    'gets the former addresses back when no DHCP server answers: %s',
    async ([, former], { expect }) => {
      await using guest = await startGuest(former + SYSTEM_BUS + NETWORK_MANAGER + ACTIVE);
      const settings =
        'nmcli -t connection show office | grep -E "^(connection|ipv.)\\." | grep -v timestamp';
      const before = await guest.run(settings);
      expect(await guest.refused({ interface: 'v0', dhcp: true })).toMatchObject({
        message: expect.stringContaining('nmcli connection up'),
        context: expect.stringMatching(
          /could not be reserved.*the former configuration was put back/is,
        ),
      });
      expect(await guest.addresses()).toEqual(['10.7.7.1/24', '10.7.8.1/24', '2001:db8:7::1/64']);
      expect(await guest.run(settings)).toBe(before);
      expect(await guest.run('ls /etc/NetworkManager/system-connections')).toBe(
        'office.nmconnection\n',
      );
    },
  );

  test('is not used for an interface that it does not manage', async ({ expect }) => {
    const noNetplan = 'umount /etc/netplan && rmdir /etc/netplan\n';
    await using guest = await startGuest(noNetplan + SYSTEM_BUS + NETWORK_MANAGER);
    expect(await guest.refused({ ...REQUEST, interface: 'v1' })).toMatchObject({
      message: expect.stringContaining('nothing that this agent knows manages the network'),
      context: expect.stringContaining('networkmanager: it does not manage v1'),
    });
  });
});
