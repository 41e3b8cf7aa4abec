import { describe, test } from 'vitest';
import {
  DHCP_SERVER,
  file,
  missing,
  NETWORKD,
  SYSTEM_BUS,
  startGuest,
  TIMES_CONFIGURED,
} from './guest.ts';

const why = missing('/lib/systemd/systemd-networkd', 'networkctl', 'dbus-daemon', 'dnsmasq');
const OWN = '/etc/systemd/network/05-limiquantix-v0.network';

const OPERATORS = file(
  '/etc/systemd/network/20-all.network',
  `[Match]
Name=v*
[Link]
MTUBytes=1400
[Network]
Address=10.7.7.1/24
Gateway=10.7.7.254
DNS=192.0.2.1
Domains=example.com
`,
);

describe.skipIf(why).concurrent(`systemd-networkd${why}`, { timeout: 60_000 }, () => {
  test('gives an interface exactly the address that is asked for, and leaves the rest', async ({
    expect,
  }) => {
    await using guest = await startGuest(OPERATORS + SYSTEM_BUS + NETWORKD);
    expect(
      await guest.configure({
        interface: 'v0',
        ipAddress: '10.0.0.5',
        netmask: '255.255.255.0',
        gateway: '10.0.0.1',
        dnsServers: ['192.0.2.2', '2001:db8::53'],
      }),
    ).toMatchObject({ success: true, backend: 'systemd-networkd' });

    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
    await expect.poll(() => guest.gateways()).toEqual(['10.0.0.1']);
    const status = () => guest.run('networkctl status v0');
    await expect.poll(status).toContain('MTU: 1400');
    await expect.poll(status).toContain('Search Domains: example.com');
    await expect.poll(status).toMatch(/DNS: 192.0.2.2\n\s+2001:db8::53\n/);
    // networkd reads it as another user, and would ignore one that it cannot read.
    expect(await guest.run(`stat -c '%a %U %G' ${OWN}`)).toBe('640 root systemd-network\n');

    await guest.configure({ interface: 'v0', ipAddress: '2001:db8::5/64', gateway: 'fe80::1' });
    expect(await guest.addresses()).toEqual(['2001:db8::5/64']);
    await expect.poll(() => guest.gateways()).toEqual(['fe80::1']);
    await expect
      .poll(() => guest.run('networkctl status v0'))
      .toContain('Search Domains: example.com');
  });

  test('writes name servers into resolv.conf where there is no systemd-resolved', async ({
    expect,
  }) => {
    await using guest = await startGuest(OPERATORS + SYSTEM_BUS + NETWORKD);
    const request = { interface: 'v0', ipAddress: '10.0.0.5/24', dnsServers: ['192.0.2.2'] };
    await guest.configure(request);
    expect(await guest.run('cat /etc/resolv.conf')).toBe('nameserver 192.0.2.2\n');
    await guest.configure({ ...request, dnsServers: [] });
    expect(await guest.run('cat /etc/resolv.conf')).toBe('nameserver 192.0.2.2\n');

    await guest.run('ln -sf /run/resolvconf/resolv.conf /etc/resolv.conf');
    expect(await guest.refused({ ...request, dnsServers: ['192.0.2.3'] })).toMatchObject({
      message: expect.stringContaining('/etc/resolv.conf is /run/resolvconf/resolv.conf'),
      resolution: expect.stringContaining('Start systemd-resolved'),
    });
    expect(await guest.run(`grep -c DNS ${OWN} || true`)).toBe('0\n');
  });

  test('tells systemd-resolved of name servers where it runs', async ({ expect }) => {
    const resolved =
      'mkdir -p /run/systemd/resolve\n' +
      'echo nameserver 192.0.2.1 >/run/systemd/resolve/resolv.conf\n' +
      'ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf\n';
    await using guest = await startGuest(OPERATORS + SYSTEM_BUS + NETWORKD + resolved);
    await guest.configure({ interface: 'v0', ipAddress: '10.0.0.5/24', dnsServers: ['192.0.2.2'] });
    await expect.poll(() => guest.run('networkctl status v0')).toMatch(/DNS: 192.0.2.2\n/);
    expect(await guest.run('readlink /etc/resolv.conf')).toContain('stub-resolv.conf');
  });

  test('has an interface ask for its address', async ({ expect }) => {
    await using guest = await startGuest(OPERATORS + DHCP_SERVER + SYSTEM_BUS + NETWORKD);
    await expect.poll(() => guest.addresses()).toEqual(['10.7.7.1/24']);
    const before = Number(await guest.run(TIMES_CONFIGURED));
    await guest.configure({ interface: 'v0', dhcp: true });
    await expect.poll(() => guest.addresses()).toEqual(['10.8.0.50/24']);
    await expect.poll(() => guest.gateways()).toEqual(['10.8.0.1']);
    expect(Number(await guest.run(TIMES_CONFIGURED))).toBe(before + 1);
  });

  test('gets its former configuration back when the address does not appear', async ({
    expect,
  }) => {
    await using guest = await startGuest(OPERATORS + SYSTEM_BUS + NETWORKD, { readbackSecs: 2 });
    await guest.run('ip link set v1 down');
    expect(await guest.refused({ interface: 'v0', ipAddress: '10.0.0.5/24' })).toMatchObject({
      name: 'NETWORK_CONFIG_FAILED',
      message: expect.stringContaining('10.0.0.5/24 did not appear'),
      context: expect.stringMatching(/the link is down.*the former configuration was put back/),
    });
    expect(await guest.run('ls -A /etc/systemd/network')).toBe('20-all.network\n');
    await guest.run('ip link set v1 up');
    await expect.poll(() => guest.addresses()).toEqual(['10.7.7.1/24']);
  });
});
