import { describe, test } from 'vitest';
import { DHCP_SERVER, file, missing, startGuest } from './guest.ts';

const why = missing('ifup', 'ifdown', 'dhclient', 'dnsmasq', 'ip');
const DEBIAN = file('/etc/network/interfaces', 'source /etc/network/interfaces.d/*\n');
const HOOKS = 'mkdir -p /etc/network/if-{pre-up,up,down,post-down}.d\n';
const OWN = '/etc/network/interfaces.d/limiquantix-v0';
const REQUEST = {
  interface: 'v0',
  ipAddress: '10.0.0.5',
  netmask: '255.255.255.0',
  gateway: '10.0.0.1',
};

describe.skipIf(why).concurrent(`ifupdown${why}`, { timeout: 60_000 }, () => {
  test('gives an interface exactly the address that is asked for', async ({ expect }) => {
    await using guest = await startGuest(`${DEBIAN + HOOKS}ip address add 10.9.9.9/24 dev v0\n`);
    expect(await guest.configure(REQUEST)).toMatchObject({ success: true, backend: 'ifupdown' });
    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
    expect(await guest.gateways()).toEqual(['10.0.0.1']);
    expect(await guest.run('ifquery --state')).toContain('v0=v0\n');

    await guest.configure({ ...REQUEST, ipAddress: '10.0.0.6' });
    expect(await guest.addresses()).toEqual(['10.0.0.6/24']);

    await guest.configure({ interface: 'v0', ipAddress: '2001:db8::5/64', gateway: 'fe80::1' });
    expect(await guest.addresses()).toEqual(['2001:db8::5/64']);
    expect(await guest.gateways()).toEqual(['fe80::1']);
  });

  test('has an interface ask for its address, and stops that when it gets a fixed one', async ({
    expect,
  }) => {
    await using guest = await startGuest(DEBIAN + HOOKS + DHCP_SERVER);
    await guest.configure({ interface: 'v0', dhcp: true });
    expect(await guest.addresses()).toEqual(['10.8.0.50/24']);
    const clients = () => guest.run('pgrep -x -r R,S,D dhclient | wc -l');
    await expect.poll(clients).toBe('1\n');
    await guest.configure(REQUEST);
    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
    await expect.poll(clients).toBe('0\n');
  });

  test('writes name servers into resolv.conf where nothing else does', async ({ expect }) => {
    const resolv = file('/etc/resolv.conf', 'search example.com\nnameserver 192.0.2.1\n');
    await using guest = await startGuest(DEBIAN + HOOKS + resolv);
    await guest.configure({ ...REQUEST, dnsServers: ['192.0.2.2', '2001:db8::53'] });
    expect(await guest.run('cat /etc/resolv.conf')).toBe(
      'search example.com\nnameserver 192.0.2.2\nnameserver 2001:db8::53\n',
    );
  });

  test('hands name servers on where resolvconf manages resolv.conf', async ({ expect }) => {
    const link = 'ln -sf /run/resolvconf/resolv.conf /etc/resolv.conf\n';
    await using guest = await startGuest(DEBIAN + HOOKS + link);
    await guest.configure({ ...REQUEST, dnsServers: ['192.0.2.2', '192.0.2.3'] });
    expect(await guest.run('ifquery v0')).toContain('dns-nameservers: 192.0.2.2 192.0.2.3\n');
    expect(await guest.run('readlink /etc/resolv.conf')).toBe('/run/resolvconf/resolv.conf\n');
  });

  test('gets its former configuration back when ifup fails', async ({ expect }) => {
    const hook = file(
      '/etc/network/if-pre-up.d/picky',
      '#!/bin/sh\ncase $IF_ADDRESS in 10.0.0.7*) echo "not that one" >&2; exit 1;; esac\n',
      '755',
    );
    await using guest = await startGuest(DEBIAN + HOOKS + hook);
    await guest.configure({ ...REQUEST, dnsServers: ['192.0.2.2'] });
    const before = await guest.run(`cat ${OWN} /etc/resolv.conf`);
    const failure = await guest.refused({
      ...REQUEST,
      ipAddress: '10.0.0.7',
      dnsServers: ['192.0.2.3'],
    });
    expect(failure).toMatchObject({
      message: expect.stringContaining('ifup v0 ended with exit code 1'),
      context: expect.stringMatching(/not that one.*the former configuration was put back/s),
    });
    expect(await guest.run(`cat ${OWN} /etc/resolv.conf`)).toBe(before);
    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
  });

  test('leaves a stanza that somebody wrote alone, and says where it is', async ({ expect }) => {
    await using guest = await startGuest(
      file(
        '/etc/network/interfaces',
        '# by hand\nauto v0\niface v0 inet static\n  address 10.7.7.1/24\nsource-directory more\n',
      ) + file('/etc/network/more/v6', 'iface v0 \\\n  inet6 auto\n'),
    );
    expect(await guest.refused(REQUEST)).toMatchObject({
      message: expect.stringContaining('/etc/network/interfaces:3, /etc/network/more/v6:1'),
      resolution: expect.stringContaining('Remove the stanzas of v0'),
    });
    expect(await guest.run('find /etc/network -name "*limiquantix*"')).toBe('');
  });

  test('says so where its own file would not be read', async ({ expect }) => {
    await using guest = await startGuest(
      file('/etc/network/interfaces', 'source /etc/elsewhere/*\n'),
    );
    expect(await guest.refused(REQUEST)).toMatchObject({
      message: expect.stringContaining(`does not include ${OWN}`),
      resolution: expect.stringContaining('source /etc/network/interfaces.d/*'),
    });
  });
});
