import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readConfigFiles } from '../src/linux/netplan/config-files.ts';
import { planNetplan } from '../src/linux/netplan/plan.ts';
import { parseRequest } from '../src/request.ts';
import { missing } from './guest.ts';

const why = missing('netplan');
const NIC = { name: 'eth0', mac: '52:54:00:12:ab:cd', driver: 'virtio_net' };
const STATIC = {
  interface: 'eth0',
  ipAddress: '10.0.0.5',
  netmask: '24',
  gateway: '10.0.0.1',
  // The second ends in a colon, which YAML has a meaning for.
  dnsServers: ['192.0.2.2', '2001:db8::'],
  dhcp: false,
};
const DHCP = { ...STATIC, ipAddress: '', netmask: '', gateway: '', dnsServers: [], dhcp: true };

/** Plans over these files of a guest, writes the plan as the plugin does. @returns its root */
async function planned(
  files: Readonly<Record<string, string>>,
  request: typeof STATIC = STATIC,
  nic: typeof NIC = NIC,
): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'plugin-network-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'etc/netplan'), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: 0o600 });
  }
  await plan(root, request, nic);
  return root;
}

async function plan(root: string, request: typeof STATIC, nic: typeof NIC = NIC): Promise<void> {
  const change = parseRequest({ ...request, interface: nic.name });
  for (const file of planNetplan(await readConfigFiles(root), change, nic, root).files) {
    if (file.changed) writeFileSync(file.path, file.text, { mode: 0o600 });
  }
}

/** What the real netplan makes of it, by file name. */
function generated(root: string, directory = 'run/systemd/network'): Record<string, string> {
  execFileSync('netplan', ['generate', '--root-dir', root], { stdio: ['ignore', 'pipe', 'pipe'] });
  return Object.fromEntries(
    readdirSync(join(root, directory))
      .sort()
      .map((name) => [name, readFileSync(join(root, directory, name), 'utf8')]),
  );
}

function lines(text: string | undefined, key: string): string[] {
  return [...(text ?? '').matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(
    ([, value]) => value ?? '',
  );
}

describe.skipIf(why)(`what netplan makes of a plan${why}`, () => {
  test('is one address, whatever several files had together', async () => {
    const root = await planned({
      'lib/netplan/00-image.yaml':
        'network: {version: 2, ethernets: {eth0: {addresses: [10.1.1.1/24], mtu: 1400}}}\n',
      'etc/netplan/50-cloud-init.yaml':
        'network: {version: 2, ethernets: {eth0: {dhcp4: yes, dhcp6: on, addresses: [{10.2.2.2/24: {label: "eth0:1"}}]}}}\n',
      'etc/netplan/99-late.yaml':
        'network: {version: 2, ethernets: {eth0: {dhcp4: true, gateway4: 10.2.2.1, nameservers: {addresses: [9.9.9.9]}}}}\n',
      'run/netplan/60-boot.yaml':
        'network: {version: 2, ethernets: {eth0: {addresses: ["2001:db8::1/64"], gateway6: "2001:db8::2"}}}\n',
    });
    const { '10-netplan-eth0.network': text } = generated(root);
    expect(lines(text, 'Address')).toEqual(['10.0.0.5/24']);
    expect(lines(text, 'Gateway')).toEqual(['10.0.0.1']);
    expect(lines(text, 'DNS')).toEqual(['192.0.2.2', '2001:db8::']);
    expect(lines(text, 'DHCP')).toEqual([]);
    expect(lines(text, 'MTUBytes')).toEqual(['1400']);
  });

  test('does not edit what a package brought, but hides it', async () => {
    const image = 'network: {version: 2, ethernets: {eth0: {addresses: [10.1.1.1/24]}}}\n';
    const root = await planned({ 'lib/netplan/00-image.yaml': image });
    expect(readFileSync(join(root, 'lib/netplan/00-image.yaml'), 'utf8')).toBe(image);
    expect(readFileSync(join(root, 'etc/netplan/00-image.yaml'), 'utf8')).toContain('eth0: {}');
  });

  test.each([
    ['by its hardware address', 'match: {macaddress: "52:54:00:12:ab:cd"}, set-name: eth0'],
    ['in capital letters', 'match: {macaddress: "52:54:00:12:AB:CD"}'],
    ['by the name that it is given', 'match: {driver: virtio*}, set-name: eth0'],
    ['by its name', 'match: {name: eth0}'],
  ])('stays with a definition that knows the interface %s', async (_, match) => {
    const root = await planned({
      'etc/netplan/01.yaml': `network: {version: 2, ethernets: {lan: {${match}, addresses: [10.1.1.1/24]}}}\n`,
    });
    const files = generated(root);
    expect(Object.keys(files).filter((name) => name.endsWith('.network'))).toEqual([
      '10-netplan-lan.network',
    ]);
    expect(lines(files['10-netplan-lan.network'], 'Address')).toEqual(['10.0.0.5/24']);
  });

  test('comes before a definition that matches several interfaces, with what that one says', async () => {
    const several =
      'network: {version: 2, ethernets: {all-eth: {match: {name: "eth*"}, dhcp4: true, mtu: 1400}}}\n';
    const root = await planned({ 'etc/netplan/90-default.yaml': several });
    const files = generated(root);
    const [first = ''] = Object.keys(files).filter((name) => name.endsWith('.network'));
    expect(lines(files[first], 'Name')).toEqual(['eth0']);
    expect(lines(files[first], 'Address')).toEqual(['10.0.0.5/24']);
    expect(lines(files[first], 'MTUBytes')).toEqual(['1400']);
    expect(lines(files['10-netplan-all-eth.network'], 'DHCP')).toEqual(['ipv4']);
    expect(readFileSync(join(root, 'etc/netplan/90-default.yaml'), 'utf8')).toBe(several);

    await plan(root, { ...STATIC, ipAddress: '10.0.0.6', dnsServers: [] });
    const again = generated(root);
    expect(Object.keys(again)).toEqual(Object.keys(files));
    expect(lines(again[first], 'Address')).toEqual(['10.0.0.6/24']);
    expect(lines(again[first], 'DNS')).toEqual([]);
    expect(lines(again[first], 'MTUBytes')).toEqual(['1400']);
  });

  test('leaves a definition of that name alone which is about another interface', async () => {
    const root = await planned({
      'etc/netplan/01.yaml':
        'network: {version: 2, ethernets: {eth0: {match: {macaddress: "52:54:00:00:00:01"}, addresses: [10.1.1.1/24]}}}\n',
    });
    const files = generated(root);
    expect(lines(files['10-netplan-eth0.network'], 'Address')).toEqual(['10.1.1.1/24']);
    expect(lines(files['10-netplan-0-limiquantix-eth0.network'], 'Address')).toEqual([
      '10.0.0.5/24',
    ]);
  });

  test.each([
    ['bridges', 'interfaces: [eth1]', 'br0'],
    ['bonds', 'interfaces: [eth1], parameters: {mode: active-backup}', 'bond0'],
    ['vlans', 'id: 5, link: eth1', 'eth1.5'],
  ])('keeps what makes an interface one of the %s', async (section, rest, name) => {
    const root = await planned(
      {
        'etc/netplan/01.yaml': `network:
  version: 2
  ethernets: {eth1: {}}
  ${section}: {${name}: {${rest}, addresses: [10.1.1.1/24]}}
`,
      },
      STATIC,
      { name, mac: '', driver: '' },
    );
    const files = generated(root);
    expect(lines(files[`10-netplan-${name}.network`], 'Address')).toEqual(['10.0.0.5/24']);
    expect(Object.keys(files)).toContain(`10-netplan-${name}.netdev`);
  });

  test('goes from a fixed address to DHCP and back', async () => {
    const root = await planned({});
    await plan(root, { ...DHCP, dnsServers: ['192.0.2.3'] });
    const dhcp = generated(root)['10-netplan-eth0.network'];
    expect(lines(dhcp, 'DHCP')).toEqual(['ipv4']);
    expect(lines(dhcp, 'Address')).toEqual([]);
    expect(lines(dhcp, 'Gateway')).toEqual([]);
    expect(lines(dhcp, 'DNS')).toEqual(['192.0.2.3']);
    expect(lines(dhcp, 'UseDNS')).toEqual(['false']);

    await plan(root, DHCP);
    const theirs = generated(root)['10-netplan-eth0.network'];
    expect(lines(theirs, 'DNS')).toEqual([]);
    expect(lines(theirs, 'UseDNS')).toEqual([]);

    await plan(root, { ...STATIC, ipAddress: '2001:db8::5', netmask: '64', gateway: 'fe80::1' });
    const v6 = generated(root)['10-netplan-eth0.network'];
    expect(lines(v6, 'Address')).toEqual(['2001:db8::5/64']);
    expect(lines(v6, 'Gateway')).toEqual(['fe80::1']);
    expect(lines(v6, 'IPv6AcceptRA')).toEqual(['no']);

    await plan(root, STATIC);
    const v4 = generated(root)['10-netplan-eth0.network'];
    expect(lines(v4, 'Address')).toEqual(['10.0.0.5/24']);
    expect(lines(v4, 'IPv6AcceptRA')).toEqual([]);
  });

  test('goes to NetworkManager where netplan uses that', async () => {
    const root = await planned({
      'etc/netplan/01.yaml': 'network: {version: 2, renderer: NetworkManager}\n',
    });
    const [profile = ''] = Object.values(generated(root, 'run/NetworkManager/system-connections'));
    expect(profile).toContain('address1=10.0.0.5/24');
    expect(profile).toContain('interface-name=eth0');
    expect(profile.match(/^address\d/gm)).toHaveLength(1);
  });
});

test('a file that is not YAML is named', async () => {
  await expect(planned({ 'etc/netplan/01.yaml': 'network: [' })).rejects.toThrow(
    /etc\/netplan\/01\.yaml is not YAML/,
  );
  await expect(planned({ 'etc/netplan/01.yaml': '- network' })).rejects.toThrow('YAML mapping');
});
