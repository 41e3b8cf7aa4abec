import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ConfigureNetworkRequest } from '@limiquantix/plugin-sdk';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import type { Backend } from '../src/backend.ts';
import { Ifupdown } from '../src/linux/ifupdown/index.ts';
import { Netplan } from '../src/linux/netplan/index.ts';
import { Networkd } from '../src/linux/networkd/index.ts';
import { parseRequest } from '../src/request.ts';
import { Tools } from '../src/tools.ts';
import { Undo } from '../src/undo.ts';

const evil = fc.constantFrom(
  'eth0:\n  x:',
  '1.1.1.1\nfoo',
  '1.1.1.1\n    up id',
  '1.1.1.1, 8.8.8.8',
  '::ffff:1.2.3.4',
  'fe80::1%eth0',
  `'"`,
  '10.0.0.5/24 # x',
  '{a: b}',
  '&a 1',
  '$(id)',
  '--help',
  '../../etc/passwd',
  '[Match]',
  '\0',
  '\u2028',
);
const any = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), evil, fc.ipV4(), fc.ipV6());

/** Requests that are right, of both families. */
const right: fc.Arbitrary<ConfigureNetworkRequest> = fc
  .record({
    v6: fc.boolean(),
    host: fc.integer({ min: 2, max: 250 }),
    gateway: fc.boolean(),
    dhcp: fc.integer({ min: 0, max: 4 }),
    // Some end in a colon, which YAML has a meaning for.
    dnsServers: fc.array(fc.constantFrom('192.0.2.1', '2001:db8::53', '2001:db8::'), {
      maxLength: 8,
    }),
  })
  .map(({ v6, host, gateway, dhcp, dnsServers }) => {
    const network = v6 ? '2001:db8::' : '10.0.0.';
    const fixed = dhcp > 0;
    return {
      interface: 'eth0',
      ipAddress: fixed ? `${network}${host}` : '',
      netmask: fixed ? (v6 ? '64' : '255.255.255.0') : '',
      gateway: fixed && gateway ? `${network}1` : '',
      dnsServers,
      dhcp: !fixed,
    };
  });

/** Half of them with something else in one of the fields. */
const requests = fc
  .tuple(
    right,
    fc.constantFrom(
      ...[undefined, undefined, undefined, undefined],
      ...(['interface', 'ipAddress', 'netmask', 'gateway', 'dnsServers'] as const),
    ),
    any,
  )
  .map(([request, field, text]): ConfigureNetworkRequest => {
    if (field === undefined) return request;
    return { ...request, [field]: field === 'dnsServers' ? [...request.dnsServers, text] : text };
  });

/** A root with these files. */
function guestRoot(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'plugin-network-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Every program succeeds, and netplan's merging is the staged file of the agent's own. */
const tools = new Tools(async (program, args) => {
  const staged = join(args[2] ?? '', 'etc/netplan/90-limiquantix-eth0.yaml');
  const stdout = program === 'netplan' && args[0] === 'get' ? readFileSync(staged, 'utf8') : '';
  return { exitCode: 0, signal: undefined, stdout, stderr: '', truncated: false, timedOut: false };
}, 1000);

/** Hundreds of files, on a machine that may do much else meanwhile. */
const PROPERTY_MS = 120_000;

/** Each is refused with 5004 and writes nothing, or what it writes is as `check` wants it. */
async function everyRequest(
  backend: Backend,
  path: string,
  check: (text: string, request: ConfigureNetworkRequest, values: Values) => void,
): Promise<void> {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      rmSync(path, { force: true });
      try {
        const nic = { name: 'eth0', mac: '', driver: '' };
        const change = parseRequest(request);
        // Another name is that of an interface which is not there.
        if (change.interface !== nic.name) return;
        await backend.configure(change, nic, new Undo());
      } catch (error) {
        expect(error).toMatchObject({ code: 5004 });
        expect(existsSync(path)).toBe(false);
        return;
      }
      accepted += 1;
      expect(readdirSync(dirname(path)).filter((name) => name.includes('eth0'))).toHaveLength(1);
      check(readFileSync(path, 'utf8'), request, valuesOf(request));
    }),
    { numRuns: 300 },
  );
  expect(accepted).toBeGreaterThan(90);
}

interface Values {
  readonly address: string;
  readonly prefix: number;
  readonly gateway: string;
  readonly dnsServers: readonly string[];
}

/** As the file should have them. */
function valuesOf(request: ConfigureNetworkRequest): Values {
  const { ipAddress, netmask, gateway, dnsServers } = request;
  const ones = netmask.split('.').map((part) => Number(part).toString(2).replaceAll('0', ''));
  return {
    address: canonical(ipAddress),
    prefix: netmask.includes('.') ? ones.join('').length : Number(netmask),
    gateway: canonical(gateway),
    dnsServers: dnsServers.map(canonical),
  };
}

function canonical(text: string): string {
  return text.includes(':') ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text;
}

test(
  'netplan gets the values that were asked for, or nothing',
  async () => {
    const root = guestRoot({ 'etc/netplan/01.yaml': 'network: {version: 2}\n' });
    const path = join(root, 'etc/netplan/90-limiquantix-eth0.yaml');
    const backend = new Netplan({ tools, root, inUse: true });
    await everyRequest(backend, path, (text, request, { address, prefix, gateway, dnsServers }) => {
      const v6 = address.includes(':');
      expect(parse(text)).toEqual({
        network: {
          version: 2,
          ethernets: {
            eth0: {
              dhcp4: request.dhcp,
              ...(request.dhcp
                ? dnsServers.length > 0 && { 'dhcp4-overrides': { 'use-dns': false } }
                : { dhcp6: false, addresses: [`${address}/${prefix}`] }),
              ...(v6 && { 'accept-ra': false }),
              ...(gateway && { routes: [{ to: v6 ? '::/0' : '0.0.0.0/0', via: gateway }] }),
              ...(dnsServers.length > 0 && { nameservers: { addresses: dnsServers } }),
            },
          },
        },
      });
    });
  },
  PROPERTY_MS,
);

test(
  'networkd gets the values that were asked for, or nothing',
  async () => {
    const root = guestRoot({ 'etc/systemd/network/README': '' });
    const path = join(root, 'etc/systemd/network/05-limiquantix-eth0.network');
    const backend = new Networkd({ tools, root, accounts: { group: async () => undefined } });
    await everyRequest(backend, path, (text, request, { address, prefix, gateway, dnsServers }) => {
      const v6 = address.includes(':');
      expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
        '[Match]',
        'Name=eth0',
        '[Network]',
        ...(request.dhcp ? ['DHCP=ipv4'] : ['DHCP=no', `Address=${address}/${prefix}`]),
        ...(gateway ? [`Gateway=${gateway}`] : []),
        ...(v6 ? ['IPv6AcceptRA=no'] : []),
        ...dnsServers.map((server) => `DNS=${server}`),
        ...(request.dhcp && dnsServers.length > 0 ? ['[DHCPv4]', 'UseDNS=no'] : []),
      ]);
    });
  },
  PROPERTY_MS,
);

test(
  'ifupdown gets the values that were asked for, or nothing',
  async () => {
    const root = guestRoot({ 'etc/network/interfaces': 'source interfaces.d/*\n' });
    symlinkSync('/run/resolv.conf', join(root, 'etc/resolv.conf'));
    const path = join(root, 'etc/network/interfaces.d/limiquantix-eth0');
    const backend = new Ifupdown({ tools, root });
    await everyRequest(backend, path, (text, request, { address, prefix, gateway, dnsServers }) => {
      const v6 = address.includes(':');
      expect(text.split('\n').slice(1)).toEqual([
        'auto eth0',
        `iface eth0 ${request.dhcp ? 'inet dhcp' : `${v6 ? 'inet6' : 'inet'} static`}`,
        ...(request.dhcp ? [] : [`    address ${address}/${prefix}`]),
        ...(gateway ? [`    gateway ${gateway}`] : []),
        ...(dnsServers.length > 0 ? [`    dns-nameservers ${dnsServers.join(' ')}`] : []),
        '',
      ]);
    });
  },
  PROPERTY_MS,
);
