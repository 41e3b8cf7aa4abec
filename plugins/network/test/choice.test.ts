import { describe, test } from 'vitest';
import { file, missing, NETWORK_MANAGER, NETWORKD, SYSTEM_BUS, startGuest } from './guest.ts';

const why = missing(
  ...['/lib/systemd/systemd-networkd', 'networkctl', 'NetworkManager', 'nmcli'],
  ...['netplan', 'ifup', 'ip', 'dbus-daemon'],
);
const FIXED = { interface: 'v0', ipAddress: '10.0.0.5/24' };
const HOOKS = 'mkdir -p /etc/network/if-{pre-up,up,down,post-down}.d\n';
const IFUPDOWN = HOOKS + file('/etc/network/interfaces', 'source /etc/network/interfaces.d/*\n');
const STANZA = 'auto v0\niface v0 inet static\n    address 10.7.7.1/24\n';
const OTHERS_NETPLAN = file(
  '/etc/netplan/50-cloud-init.yaml',
  'network: {version: 2, ethernets: {v9: {addresses: [10.9.9.9/24]}}}\n',
  '600',
);
const NETWORK_FILE = file(
  '/etc/systemd/network/20-wired.network',
  '[Match]\nName=v0\n[Network]\nAddress=10.7.7.1/24\n',
);
const ROUTABLE =
  "for i in $(seq 100); do networkctl list v0 | grep -q 'v0 .*routable' && break; sleep 0.05; done\n";
/** All but NetworkManager. */
const OTHERS_RUN = SYSTEM_BUS + NETWORKD;

describe.skipIf(why).concurrent(`where several could be chosen${why}`, { timeout: 60_000 }, () => {
  test('ifupdown keeps its interface although networkd runs', async ({ expect }) => {
    const own = file('/etc/network/interfaces.d/limiquantix-v0', STANZA);
    await using guest = await startGuest(`${IFUPDOWN + own}ifup v0\n${OTHERS_RUN}`);
    expect(await guest.configure(FIXED)).toMatchObject({ backend: 'ifupdown' });
    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
    expect(await guest.run('ls -A /etc/systemd/network')).toBe('');
  });

  test("somebody's stanza is not overruled by a networkd that leaves it alone", async ({
    expect,
  }) => {
    const theirs = file('/etc/network/interfaces', STANZA);
    await using guest = await startGuest(`${HOOKS + theirs}ifup v0\n${OTHERS_RUN}`);
    expect(await guest.refused(FIXED)).toMatchObject({
      message: expect.stringContaining('v0 is configured by hand at /etc/network/interfaces:2'),
    });
    expect(await guest.addresses()).toEqual(['10.7.7.1/24']);
    expect(await guest.run('ls -A /etc/systemd/network')).toBe('');
  });

  test('networkd keeps its interface although NetworkManager runs and netplan is for others', async ({
    expect,
  }) => {
    await using guest = await startGuest(
      IFUPDOWN + OTHERS_NETPLAN + NETWORK_FILE + OTHERS_RUN + ROUTABLE + NETWORK_MANAGER,
    );
    expect(await guest.configure(FIXED)).toMatchObject({ backend: 'systemd-networkd' });
    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
    expect(await guest.run('ls -A /etc/netplan /etc/NetworkManager/system-connections')).toBe(
      '/etc/NetworkManager/system-connections:\n\n/etc/netplan:\n50-cloud-init.yaml\n',
    );
  });

  test('networkd, which runs, is left for an interface that nothing has yet', async ({
    expect,
  }) => {
    await using guest = await startGuest(IFUPDOWN + OTHERS_RUN);
    expect(await guest.configure(FIXED)).toMatchObject({ backend: 'systemd-networkd' });
    expect(await guest.addresses()).toEqual(['10.0.0.5/24']);
  });
});
