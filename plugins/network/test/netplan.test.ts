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

const why = missing(
  'netplan',
  '/lib/systemd/systemd-networkd',
  'networkctl',
  'dbus-daemon',
  'dnsmasq',
);
const OWN = '/etc/netplan/90-limiquantix-v0.yaml';

/** netplan asks systemd and udev to do what networkd is told beside it: they do not run here. */
const NO_SYSTEMD = `
printf '#!/bin/sh\\nexit 0\\n' > /run/done
chmod 755 /run/done
mount --bind /run/done /usr/bin/systemctl
mount --bind /run/done /usr/bin/udevadm
`;
const NETPLAN = `${NO_SYSTEMD}netplan generate\n${SYSTEM_BUS}${NETWORKD}`;

/** As networkd before systemd 244; only once, as netplan's way out of that is the service manager. */
const CANNOT_RELOAD = `
cp /usr/bin/networkctl /run/networkctl
cat >/run/refusing <<'END'
#!/bin/sh
[ "$1" = reload ] && mkdir /run/refused 2>/dev/null && exit 1
exec /run/networkctl "$@"
END
chmod 755 /run/refusing
mount --bind /run/refusing /usr/bin/networkctl
`;

const CLOUD_INIT = `# from cloud-init
network:
  version: 2
  ethernets:
    v0:
      # the first network
      addresses:
        - 10.7.7.1/24
        - 2001:db8:7::1/64
      gateway4: 10.7.7.254
      mtu: 1400
      nameservers:
        addresses: [192.0.2.1]
        search: [example.com]
      routes:
        - to: 172.16.0.0/12
          via: 10.7.7.253
        - to: 10.99.0.0/16
          via: 10.0.0.2
    v9: {addresses: [10.9.9.9/24]}
`;

const REQUEST = {
  interface: 'v0',
  ipAddress: '10.0.0.5',
  netmask: '255.255.255.0',
  gateway: '10.0.0.1',
  dnsServers: ['192.0.2.2'],
};

describe.skipIf(why).concurrent(`netplan over systemd-networkd${why}`, { timeout: 60_000 }, () => {
  test("gives an interface exactly the address that is asked for, whatever cloud-init's file says", async ({
    expect,
  }) => {
    await using guest = await startGuest(
      file('/etc/netplan/50-cloud-init.yaml', CLOUD_INIT, '600') + NETPLAN,
    );
    await expect.poll(() => guest.addresses()).toContain('10.7.7.1/24');
    expect(await guest.configure(REQUEST)).toMatchObject({ success: true, backend: 'netplan' });

    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
    await expect.poll(() => guest.gateways()).toEqual(['10.0.0.1']);
    const status = () => guest.run('networkctl status v0');
    await expect.poll(status).toContain('MTU: 1400');
    await expect.poll(status).toMatch(/DNS: 192.0.2.2\n\s+Search Domains: example.com/);
    await expect
      .poll(() => guest.run('ip route show proto static'))
      .toContain('10.99.0.0/16 via 10.0.0.2');
    expect(await guest.run(`stat -c %a ${OWN}`)).toBe('600\n');
    expect(await guest.run('cat /etc/netplan/50-cloud-init.yaml')).toBe(`# from cloud-init
network:
  version: 2
  ethernets:
    v0:
      # the first network
      mtu: 1400
      nameservers:
        search: [ example.com ]
      routes:
        - to: 10.99.0.0/16
          via: 10.0.0.2
    v9: { addresses: [ 10.9.9.9/24 ] }
`);
    expect(await guest.run('ls -A /run/limiquantix')).toBe('');

    await guest.configure({ interface: 'v0', ipAddress: '2001:db8::5/64', gateway: 'fe80::1' });
    expect(await guest.addresses()).toEqual(['2001:db8::5/64']);
    await expect.poll(() => guest.gateways()).toEqual(['fe80::1']);
  });

  test('has an interface ask for its address', async ({ expect }) => {
    const v9 = 'network: {version: 2, ethernets: {v9: {addresses: [10.9.9.9/24]}}}\n';
    await using guest = await startGuest(
      file('/etc/netplan/10-v9.yaml', v9, '600') + DHCP_SERVER + NETPLAN,
    );
    await guest.configure(REQUEST);
    const before = Number(await guest.run(TIMES_CONFIGURED));
    await guest.configure({ interface: 'v0', dhcp: true });
    await expect.poll(() => guest.addresses()).toEqual(['10.8.0.50/24']);
    await expect.poll(() => guest.gateways()).toEqual(['10.8.0.1']);
    expect(Number(await guest.run(TIMES_CONFIGURED))).toBe(before + 1);
  });

  test('is told by netplan apply where networkd cannot reload', async ({ expect }) => {
    await using guest = await startGuest(
      file('/etc/netplan/50-cloud-init.yaml', CLOUD_INIT, '600') + NETPLAN + CANNOT_RELOAD,
    );
    await guest.configure(REQUEST);
    expect(await guest.run('ls -d /run/refused')).toBe('/run/refused\n');
    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
  });

  test('takes one interface out of a definition that matches several', async ({ expect }) => {
    const debian = `network:
  version: 2
  ethernets:
    all-v:
      match: {name: v*}
      dhcp4: true
      mtu: 1400
`;
    await using guest = await startGuest(file('/etc/netplan/90-default.yaml', debian) + NETPLAN);
    await guest.configure(REQUEST);
    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
    await expect.poll(() => guest.run('networkctl status v0')).toContain('MTU: 1400');
    expect(await guest.run('cat /etc/netplan/90-default.yaml')).toBe(debian);
    await guest.configure({ ...REQUEST, ipAddress: '10.0.0.6' });
    expect(await guest.addresses()).toEqual(['10.0.0.6/24']);
  });

  test('gets every former file back when the address does not appear', async ({ expect }) => {
    await using guest = await startGuest(
      file('/etc/netplan/50-cloud-init.yaml', CLOUD_INIT, '644') + NETPLAN,
      { readbackSecs: 2 },
    );
    await expect.poll(() => guest.addresses()).toContain('10.7.7.1/24');
    await guest.run('ip link set v1 down');
    expect(await guest.refused(REQUEST)).toMatchObject({
      message: expect.stringContaining('10.0.0.5/24 did not appear'),
      context: expect.stringContaining('the former configuration was put back'),
    });
    expect(await guest.run('cd /etc/netplan; stat -c "%n %a" *; cat *')).toBe(
      `50-cloud-init.yaml 644\n${CLOUD_INIT}`,
    );
    await guest.run('ip link set v1 up');
    await expect.poll(() => guest.addresses()).toContain('10.7.7.1/24');
  });

  test('is not changed at all where netplan refuses the outcome', async ({ expect }) => {
    const broken = 'network: {version: 2, ethernets: {v9: {addresses: [nonsense]}}}\n';
    await using guest = await startGuest(
      NO_SYSTEMD + file('/etc/netplan/10-broken.yaml', broken) + SYSTEM_BUS,
    );
    expect(await guest.refused(REQUEST)).toMatchObject({
      message: expect.stringContaining('netplan generate'),
      context: expect.stringContaining('nonsense'),
    });
    expect(await guest.run('ls -A /etc/netplan')).toBe('10-broken.yaml\n');
  });
});
