import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';
import { interfaceState } from './support/interface-state.ts';

const FIXED = {
  interface: 'ens17',
  ip_address: '10.0.2.88/24',
  gateway: '10.0.2.2',
  dns_servers: ['10.0.2.3', '10.0.2.4'],
};
/** The size of packets is set once, and no change of addresses may undo that. */
const BY_DHCP = { addresses: ['10.0.2.15/24'], gateways: [], mtu: 1400 };
const BY_HAND = { addresses: ['10.0.2.88/24'], gateways: ['10.0.2.2'], mtu: 1400 };

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest();
  // Without netplan's files, and the first interface as it is.
  await guest.ok('rm /etc/netplan/*.yaml /run/udev/rules.d/*netplan*');
});
afterAll(() => guest?.stop());

const configure = (request: Readonly<Record<string, unknown>>) =>
  guest.rest('POST', '/network', request);
const state = () => interfaceState(guest, 'ens17');
const comesTo = (wanted: object) =>
  vi.waitFor(async () => expect(await state()).toEqual(wanted), {
    timeout: 60_000,
    interval: 1000,
  });

describe('systemd-networkd, whose files somebody wrote', () => {
  const OWN = '/etc/systemd/network/05-limiquantix-ens17.network';

  beforeAll(async () => {
    await guest.ok(`cat >/etc/systemd/network/20-wired.network <<'END'
[Match]
Name=ens17

[Link]
MTUBytes=1400

[Network]
DHCP=ipv4
END
      networkctl reload`);
    await comesTo(BY_DHCP);
  });

  it('gets a fixed address, a gateway and name servers, and keeps its other settings', async () => {
    expect(await configure(FIXED)).toEqual({
      status: 200,
      body: { success: true, backend: 'systemd-networkd' },
    });
    expect(await state()).toEqual(BY_HAND);
    expect(await guest.ok('networkctl status ens17')).toMatch(/DNS: 10\.0\.2\.3\n +10\.0\.2\.4/);
    expect(await guest.ok(`stat -c '%a %U %G' ${OWN}`)).toBe('640 root systemd-network');
  });

  it('has its former address back where a new one cannot be had', async () => {
    const former = { file: await guest.ok(`cat ${OWN}`), state: await state() };
    await guest.qmp('set_link', { name: 'net1', up: false });
    await guest.ok('until networkctl list ens17 | grep -q no-carrier; do sleep 0.1; done');
    const { status, body } = await configure({ ...FIXED, ip_address: '10.0.2.99/24' });
    await guest.qmp('set_link', { name: 'net1', up: true });
    expect(status).toBe(502);
    expect(body).toMatchObject({
      code: 'QXGA-5004',
      detail: expect.stringContaining('10.0.2.99/24'),
      context: expect.stringContaining('former'),
    });
    expect(await guest.ok(`cat ${OWN}`)).toBe(former.file);
    await comesTo(former.state);
  });

  it('asks for an address again', async () => {
    expect((await configure({ interface: 'ens17', dhcp: true })).body).toMatchObject({
      backend: 'systemd-networkd',
    });
    await comesTo(BY_DHCP);
  });

  it('is left to the host that asks last, of two that ask at once', async () => {
    const answers = await Promise.all(
      ['10.0.2.91/24', '10.0.2.92/24'].map((ip_address) => configure({ ...FIXED, ip_address })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await state()).addresses).toEqual(['10.0.2.92/24']);
  });
});

describe('NetworkManager', () => {
  const profiles = async () =>
    (await guest.ok('nmcli -t -f NAME,DEVICE connection show --active')).split('\n');

  beforeAll(async () => {
    await guest.ok('systemctl stop systemd-networkd.socket systemd-networkd');
    await guest.ok('rm /etc/systemd/network/*.network && ip address flush dev ens17');
    await guest.ok('systemctl start NetworkManager && nmcli device set ens17 managed yes');
    await comesTo(BY_DHCP);
  });

  it('gets a profile with a fixed address, a gateway and name servers', async () => {
    expect(await configure(FIXED)).toEqual({
      status: 200,
      body: { success: true, backend: 'networkmanager' },
    });
    expect(await state()).toEqual(BY_HAND);
    expect(await guest.ok('cat /etc/resolv.conf')).toMatch(
      /^nameserver 10\.0\.2\.3\nnameserver 10\.0\.2\.4$/m,
    );
    expect(await profiles()).toContain('limiquantix-ens17:ens17');
    const path = '/etc/NetworkManager/system-connections/limiquantix-ens17.nmconnection';
    expect(await guest.ok(`stat -c '%a %U' ${path}`)).toBe('600 root');
  });

  it('has the profile in force when it starts anew', async () => {
    await guest.ok('systemctl restart NetworkManager');
    await comesTo(BY_HAND);
    expect(await profiles()).toContain('limiquantix-ens17:ens17');
  });

  it('asks for an address again, with the name servers that it is given', async () => {
    const dhcp = { interface: 'ens17', dhcp: true, dns_servers: ['10.0.2.9'] };
    expect((await configure(dhcp)).body).toMatchObject({ backend: 'networkmanager' });
    await comesTo(BY_DHCP);
    expect(await guest.ok('cat /etc/resolv.conf')).toMatch(/^nameserver 10\.0\.2\.9$/m);
  });
});
