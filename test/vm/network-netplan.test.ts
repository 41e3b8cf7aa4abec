import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';
import { interfaceState } from './support/interface-state.ts';

const FIXED = {
  interface: 'ens16',
  ip_address: '10.0.2.77',
  netmask: '255.255.255.0',
  gateway: '10.0.2.2',
  dns_servers: ['10.0.2.3', '10.0.2.4'],
};
/** `netplan` is a Python program, which takes its time under emulation. */
const SLOW_MS = 180_000;
const LONG_TEST_MS = 2 * SLOW_MS;

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest();
});
afterAll(() => guest?.stop());

const configure = (request: Readonly<Record<string, unknown>>) =>
  guest.rest('POST', '/network', request);
const state = () => interfaceState(guest, 'ens16');
const comesTo = (wanted: object) =>
  vi.waitFor(async () => expect(await state()).toEqual(wanted), {
    timeout: SLOW_MS,
    interval: 1000,
  });
const files = () => guest.ok('cd /etc/netplan && stat -c "%n %a %U" * && cat *');
/** As systemd-networkd has them. */
const nameServers = async () => {
  const [, listed = ''] =
    /^ +DNS: ((?:.+\n?)(?: {20,}\S+\n?)*)/m.exec(await guest.ok('networkctl status ens16')) ?? [];
  return listed.split(/\s+/).filter(Boolean);
};

it('refuses what cannot be right, and touches nothing', async () => {
  const before = { files: await files(), state: await state() };
  for (const [wrong, expected, reason] of [
    [{ gateway: '10.9.9.9' }, 400, 'gateway "10.9.9.9" is no host in the network of 10.0.2.77/24'],
    [{ netmask: '255.0.255.0' }, 400, 'netmask "255.0.255.0" is not one for 10.0.2.77'],
    [{ ip_address: '10.0.2.77\n8.8.8.8' }, 400, 'is not an address that an interface can have'],
    [{ interface: 'ens99' }, 404, 'interface "ens99" does not exist in the guest'],
    [{ interface: 'lo' }, 400, 'is the loopback'],
  ] as const) {
    const { status, body } = await configure({ ...FIXED, ...wrong });
    expect(status).toBe(expected);
    expect(body).toMatchObject({ code: 'QXGA-5004', detail: expect.stringContaining(reason) });
  }
  expect({ files: await files(), state: await state() }).toEqual(before);
});

it('does not build on files that netplan itself could not read', async () => {
  await guest.ok('echo "network: {ethernets: [" >/etc/netplan/60-broken.yaml');
  const before = { files: await files(), state: await state() };
  const { body } = await configure(FIXED);
  expect(body).toMatchObject({
    code: 'QXGA-5004',
    detail: expect.stringContaining('/etc/netplan/60-broken.yaml is not YAML'),
  });
  expect({ files: await files(), state: await state() }).toEqual(before);
  await guest.ok('rm /etc/netplan/60-broken.yaml');
});

it('gives an interface a fixed address, a gateway and name servers, which a power cut does not undo', {
  timeout: LONG_TEST_MS,
}, async () => {
  expect(await configure(FIXED)).toEqual({
    status: 200,
    body: { success: true, backend: 'netplan' },
  });
  const wanted = { addresses: ['10.0.2.77/24'], gateways: ['10.0.2.2'], mtu: 1500 };
  expect(await state()).toEqual(wanted);
  expect(await nameServers()).toEqual(FIXED.dns_servers);
  expect(await files()).toMatch(/^90-limiquantix-ens16\.yaml 600 root$/m);

  const since = guest.events.seen.length;
  await guest.qmp('system_reset');
  await guest.events.waitFor('RESET', { since });
  await guest.machine.shell.ready(SLOW_MS);
  await comesTo(wanted);
  expect(await nameServers()).toEqual(FIXED.dns_servers);
});

it('has it ask for an address again, after which nothing of the fixed one is left', {
  timeout: LONG_TEST_MS,
}, async () => {
  const connected = async () => (await guest.rest('POST', '/ping')).body.connected;
  await expect.poll(connected, { timeout: SLOW_MS, interval: 1000 }).toBe(true);
  expect(await configure({ interface: 'ens16', dhcp: true })).toEqual({
    status: 200,
    body: { success: true, backend: 'netplan' },
  });
  await comesTo({ addresses: ['10.0.2.15/24'], gateways: [], mtu: 1500 });
  expect(await nameServers()).toEqual([]);
});
