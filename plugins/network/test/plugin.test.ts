import {
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
import { setTimeout as pause } from 'node:timers/promises';
import {
  AgentError,
  ConfigureNetwork,
  type ConfigureNetworkRequest,
  type Init,
} from '@limiquantix/plugin-sdk';
import { ToolMissing, type ToolResult } from '@limiquantix/plugin-sdk/guest';
import { type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { networkPlugin } from '../src/plugin.ts';

type Request = Init<ConfigureNetworkRequest>;

/** What a program answers: its output, or how it fails; undefined: it is not installed. */
type Programs = (
  program: string,
  args: readonly string[],
) => Promise<Partial<ToolResult> | undefined> | Partial<ToolResult> | undefined;

interface Fake {
  readonly root: string;
  readonly host: TestHost;
  /** What was run, a line each. */
  readonly ran: string[];
  call(request: Request, signal?: AbortSignal): Promise<{ backend: string }>;
  failure(request: Request): Promise<AgentError>;
}

const OK = { exitCode: 0, stdout: '', stderr: '' };
const AUTOMATIC: Request = { interface: 'eth0', dhcp: true };
const FIXED: Request = { interface: 'eth0', ipAddress: '10.0.0.5', netmask: '24' };

/** A guest whose files are real, and whose programs and addresses are made up. */
async function fakeGuest(
  programs: Programs,
  files: Readonly<Record<string, string>> = {},
  addressesOf: (root: string) => readonly string[] = () => ['10.0.0.5/24'],
): Promise<Fake> {
  const root = mkdtempSync(join(tmpdir(), 'plugin-network-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const all = {
    'sys/class/net/bonding_masters': '',
    'sys/class/net/eth0/address': 'MAC',
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const ran: string[] = [];
  const plugin = networkPlugin({
    async run(program, args) {
      ran.push([program, ...args].join(' '));
      const result = await programs(program, args);
      if (!result) throw new ToolMissing(program);
      return { ...OK, signal: undefined, truncated: false, timedOut: false, ...result };
    },
    interfaces: join(root, 'sys/class/net'),
    addressesOf: () => addressesOf(root),
  });
  const config = { root, readback_timeout_secs: 1 };
  const host = await testHost(plugin, { package: manifest, config });
  onTestFinished(() => host.stop());
  const call = (request: Request, signal?: AbortSignal) =>
    host.call(ConfigureNetwork, request, signal ? { signal } : {});
  return {
    root,
    host,
    ran,
    call,
    async failure(request) {
      try {
        await call(request);
      } catch (error) {
        if (AgentError.is(error)) return error;
      }
      throw new Error('it did not fail with an AgentError');
    },
  };
}

/** ifupdown, which alone is installed. */
const IFUPDOWN = { 'etc/network/interfaces': 'source interfaces.d/*\n' };
function ifupdown(up: (args: readonly string[]) => Partial<ToolResult> = () => OK): Programs {
  return (program, args) => {
    if (program === 'ifup') return args.includes('--version') ? OK : up(args);
    return program === 'ifdown' ? OK : undefined;
  };
}

describe('an interface', () => {
  test('that is not there is refused, and the others are named', async () => {
    const guest = await fakeGuest(ifupdown(), { 'sys/class/net/lo/address': '', ...IFUPDOWN });
    for (const name of ['eth1', 'bonding_masters']) {
      expect(await guest.failure({ ...FIXED, interface: name })).toMatchObject({
        code: 5004,
        message: expect.stringContaining(`interface "${name}" does not exist`),
        resolution: expect.stringMatching(/: eth0$/),
      });
    }
    expect(guest.ran).toEqual([]);
  });

  test('that is a port of a bridge is refused, and the bridge is named', async () => {
    const port = { 'sys/class/net/eth0/brport/state': '3', 'sys/class/net/br0/address': '' };
    const guest = await fakeGuest(ifupdown(), { ...port, ...IFUPDOWN });
    symlinkSync('../br0', join(guest.root, 'sys/class/net/eth0/master'));
    expect((await guest.failure(FIXED)).message).toContain('"eth0" is a port of br0');
  });
});

describe('what manages the network', () => {
  test('is said where there is nothing, with all that was looked for', async () => {
    const guest = await fakeGuest(() => undefined);
    expect((await guest.failure(FIXED)).context).toBe(
      [
        `netplan: there is no ${guest.root}/etc/netplan`,
        'networkmanager: nmcli is not installed',
        'systemd-networkd: networkctl is not installed',
        `ifupdown: there is no ${guest.root}/etc/network/interfaces`,
      ].join('; '),
    );
  });

  test('is not a program whose service does not run', async () => {
    const guest = await fakeGuest((program, args) => {
      if (program === 'nmcli') return { stdout: 'not running\n' };
      if (program === 'networkctl') {
        return { stderr: 'WARNING: systemd-networkd is not running, output will be incomplete.\n' };
      }
      return ifupdown()(program, args);
    }, IFUPDOWN);
    expect(await guest.call(AUTOMATIC)).toMatchObject({ backend: 'ifupdown' });
  });

  /** All are installed and run. What nmcli, networkctl and the files say is real programs' own. */
  const everything =
    (device: string, setup: string): Programs =>
    (program, args) => {
      if (program === 'nmcli' && args.includes('general')) return { stdout: 'running\n' };
      if (program === 'nmcli' && args.includes('device')) return { stdout: device };
      if (program === 'networkctl' && args.includes('list')) {
        return { stdout: `  3 eth0 ether    routable   ${setup}\n` };
      }
      if (program === 'netplan' && args[0] === 'get') {
        return { stdout: stagedText(args[2] ?? '') };
      }
      return OK;
    };
  const UUID = '305a4c52-3faa-4e45-9f49-0aae87f9f4f7';
  const CONNECTED = `ethernet\n100 (connected)\n${UUID}\n`;
  const ASKING = `ethernet\n70 (connecting (getting IP configuration))\n${UUID}\n`;
  const EXTERNAL = `ethernet\n100 (connected (externally))\n${UUID}\n`;
  const IDLE = 'ethernet\n30 (disconnected)\n\n';
  const UNMANAGED = 'ethernet\n10 (unmanaged)\n\n';
  const STANZA = {
    ...IFUPDOWN,
    'etc/network/interfaces.d/limiquantix-eth0': 'auto eth0\niface eth0 inet dhcp\n',
  };
  const netplan = (id: string) => ({
    'etc/netplan/50-cloud-init.yaml': `network: {ethernets: {${id}: {dhcp4: true}}}\n`,
  });
  const ALL = { ...netplan('eth0'), ...STANZA };
  const NONE = { ...netplan('eth9'), ...IFUPDOWN };

  test.each([
    ['netplan, which has a definition of it', CONNECTED, 'configured', ALL, 'netplan'],
    ['NetworkManager, which has it connected', CONNECTED, 'unmanaged', NONE, 'networkmanager'],
    ['NetworkManager, which connects it', ASKING, 'unmanaged', NONE, 'networkmanager'],
    ['networkd, beside which NetworkManager looks on', EXTERNAL, 'configured', NONE, 'networkd'],
    ['networkd, beside which NetworkManager is idle', IDLE, 'configuring', NONE, 'networkd'],
    ['networkd, which could not configure it', UNMANAGED, 'failed', NONE, 'networkd'],
    ['ifupdown, which has a stanza of it', EXTERNAL, 'unmanaged', STANZA, 'ifupdown'],
    ['ifupdown, beside a netplan of others', IDLE, 'unmanaged', { ...NONE, ...STANZA }, 'ifupdown'],
    ['by nobody: netplan comes first', IDLE, 'unmanaged', NONE, 'netplan'],
    ['by nobody: NetworkManager comes next', EXTERNAL, 'unmanaged', IFUPDOWN, 'networkmanager'],
    ['by nobody: then networkd', UNMANAGED, 'unmanaged', IFUPDOWN, 'networkd'],
    ['by nobody yet: then networkd', UNMANAGED, 'pending', IFUPDOWN, 'networkd'],
  ])('is the one that manages this interface: %s', async (_, device, setup, files, backend) => {
    const guest = await fakeGuest(everything(device, setup), files);
    const answer = await guest.call(AUTOMATIC);
    expect(answer.backend.replace('systemd-', '')).toBe(backend);
  });

  test('is netplan without any file where nothing else is', async () => {
    const guest = await fakeGuest(
      (program, args) => {
        if (program !== 'netplan') return undefined;
        return args[0] === 'get' ? { stdout: stagedText(args[2] ?? '') } : OK;
      },
      { 'etc/netplan/README': '' },
    );
    expect(await guest.call(AUTOMATIC)).toMatchObject({ backend: 'netplan' });
    expect(guest.ran.at(-1)).toBe('netplan apply');
  });
});

describe('changes', () => {
  test('are made one after the other', async () => {
    let running = 0;
    let most = 0;
    const guest = await fakeGuest(async (program, args) => {
      running += 1;
      most = Math.max(most, running);
      await pause(5);
      running -= 1;
      return ifupdown()(program, args);
    }, IFUPDOWN);
    await Promise.all([guest.call(AUTOMATIC), guest.call(AUTOMATIC), guest.call(AUTOMATIC)]);
    expect(most).toBe(1);
  });

  test('that are cancelled while they wait are not made', async () => {
    const guest = await fakeGuest(ifupdown(), IFUPDOWN);
    const cancel = new AbortController();
    const first = guest.call(AUTOMATIC);
    const second = guest.call(AUTOMATIC, cancel.signal);
    cancel.abort();
    await expect(second).rejects.toThrow('cancelled before anything was changed');
    await first;
    expect(guest.ran.filter((line) => line.startsWith('ifup -i'))).toHaveLength(1);
  });

  test('after one that failed are made all the same', async () => {
    const guest = await fakeGuest(ifupdown(), IFUPDOWN);
    const [bad, good] = await Promise.allSettled([
      guest.call({ ...AUTOMATIC, interface: 'eth9' }),
      guest.call(AUTOMATIC),
    ]);
    expect([bad?.status, good?.status]).toEqual(['rejected', 'fulfilled']);
  });

  test('that leave a former address in force are taken back', async () => {
    const both = ['10.0.0.5/24', '10.7.7.1/24', '10.9.9.9/32', 'fe80::1/64', '2001:db8::1/64'];
    const guest = await fakeGuest(ifupdown(), IFUPDOWN, () => both);
    expect(await guest.failure(FIXED)).toMatchObject({
      message: expect.stringContaining('still has other addresses than 10.0.0.5/24'),
      context: expect.stringContaining('the former configuration was put back'),
    });
    expect(readdirSync(join(guest.root, 'etc/network/interfaces.d'))).toEqual([]);
  });

  test('that cannot be taken back completely say so, in the log too', async () => {
    const guest = await fakeGuest(
      ifupdown(() => ({ exitCode: 1, stderr: 'no carrier\n' })),
      { ...IFUPDOWN, 'etc/network/interfaces.d/limiquantix-eth0': 'iface eth0 inet dhcp\n' },
    );
    expect((await guest.failure(FIXED)).context).toMatch(
      /^no carrier; the former configuration could NOT be put back completely: .*ifup/,
    );
    expect(guest.host.log.map(({ level }) => level)).toContain('error');
  });

  test('whose tool does not end are taken back', async () => {
    let hung = false;
    const guest = await fakeGuest(
      ifupdown(() => {
        hung = !hung;
        return hung ? { exitCode: -1, signal: 'SIGKILL', timedOut: true } : OK;
      }),
      IFUPDOWN,
    );
    expect(await guest.failure(FIXED)).toMatchObject({
      message: expect.stringContaining('did not end in time and was killed'),
      context: expect.stringContaining('the former configuration was put back'),
    });
  });
});

/** What the plan's own file says, in place of netplan's merging. */
function stagedText(stage: string): string {
  return readFileSync(join(stage, 'etc/netplan/90-limiquantix-eth0.yaml'), 'utf8');
}
