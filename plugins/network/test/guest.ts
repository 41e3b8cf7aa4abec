import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type {
  ConfigureNetworkRequest,
  ConfigureNetworkResponse,
  Init,
} from '@limiquantix/plugin-sdk';
import { findTool, ToolMissing } from '@limiquantix/plugin-sdk/guest';

export type GuestRequest =
  | { readonly configure: Init<ConfigureNetworkRequest> }
  | { readonly run: string };

export interface GuestFailure {
  readonly name: string;
  readonly message: string;
  readonly context: string;
  readonly resolution: string;
}

export type GuestAnswer =
  | { readonly response: ConfigureNetworkResponse }
  | { readonly failure: GuestFailure }
  | { readonly output: string };

/**
 * A guest with the interface v0 (its other end is v1), and the real network programs of this
 * machine: in namespaces (network, mounts, processes, host name) that end with the test.
 */
export interface Guest extends AsyncDisposable {
  configure(request: Init<ConfigureNetworkRequest>): Promise<ConfigureNetworkResponse>;
  /** The error of a request that is refused. */
  refused(request: Init<ConfigureNetworkRequest>): Promise<GuestFailure>;
  /** A line for the shell, and what it prints. */
  run(line: string): Promise<string>;
  /** v0's addresses as `10.0.0.5/24`, without those that the link gives itself. */
  addresses(): Promise<string[]>;
  /** Where v0's default routes lead to. */
  gateways(): Promise<string[]>;
}

/** Empty in the guest, whatever this machine has there. */
const EMPTY = [
  '/etc/netplan',
  '/etc/network',
  '/etc/systemd/network',
  '/etc/NetworkManager',
  '/var/lib/NetworkManager',
  '/var/lib/dhcp',
];

const NAMESPACES = `
set -e
mount -t sysfs -o ro sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/dbus /run/udev/data /run/network /run/etc /run/etc-work
mount -t overlay -o lowerdir=/etc,upperdir=/run/etc,workdir=/run/etc-work overlay /etc
for directory in ${EMPTY.join(' ')}; do
  if [ -d $directory ]; then mount -t tmpfs -o mode=755 tmpfs $directory; fi
done
rm /etc/resolv.conf
echo 'nameserver 192.0.2.53' > /etc/resolv.conf
ip link set lo up
ip link add v0 type veth peer name v1
ip link set v1 up
`;

/** A system bus, as most of them need one. */
export const SYSTEM_BUS = 'dbus-daemon --system --nopidfile --fork >/dev/null\n';

export const NETWORKD = `
mkdir -p /run/systemd/network /run/systemd/netif/links /run/systemd/netif/leases
chown -R systemd-network: /run/systemd/netif
/lib/systemd/systemd-networkd >/run/networkd.log 2>&1 </dev/null &
for i in $(seq 100); do networkctl list v0 2>&1 | grep -q 'not running' || break; sleep 0.05; done
`;

/** How often networkd has configured v0. At a second time at once an offered address is lost. */
export const TIMES_CONFIGURED = "grep -cE 'v0: (Rec|C)onfiguring with' /run/networkd.log || true";

/** It leaves v1 alone, and v0 until it is told to. */
export const NETWORK_MANAGER = `
mkdir -p /etc/NetworkManager/system-connections /etc/NetworkManager/conf.d
cat > /etc/NetworkManager/NetworkManager.conf <<END
[main]
plugins=keyfile
dns=none
no-auto-default=*
[device-v1]
match-device=interface-name:v1
managed=0
END
NetworkManager --no-daemon >/run/nm.log 2>&1 </dev/null &
for i in $(seq 100); do [ "$(nmcli -t -f RUNNING general 2>&1)" = running ] && break; sleep 0.05; done
`;
/** A network beyond v1 with a DHCP server, which has 10.8.0.50 for v0. */
export const DHCP_SERVER = `
unshare --net sleep 600 </dev/null >/dev/null 2>&1 &
server=$!
until [ "$(readlink /proc/$server/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
ip link set v1 netns $server
nsenter --target $server --net sh -c '
  ip link set v1 up
  ip address add 10.8.0.1/24 dev v1
  dnsmasq --conf-file=/dev/null --port=0 --interface=v1 --bind-interfaces --leasefile-ro \
    --no-ping --dhcp-range=10.8.0.50,10.8.0.50 --dhcp-option=option:router,10.8.0.1 --pid-file=/run/dnsmasq.pid
'
`;

/** @param text of a file that the guest has from the beginning */
export function file(path: string, text: string, mode = '644'): string {
  return `mkdir -p "$(dirname ${path})"\ncat > ${path} <<'END'\n${text}END\nchmod ${mode} ${path}\n`;
}

/** What is missing on this machine, as part of a test's name; empty where it can run. */
export function missing(...programs: readonly string[]): string {
  const absent = programs.filter((program) => !isInstalled(program));
  if (absent.length > 0) return ` (skipped: ${absent.join(', ')} not installed)`;
  const { status } = spawnSync('unshare', ['--net', '--mount', '--uts', '--pid', '--fork', 'true']);
  return status === 0 ? '' : ' (skipped: no right to make namespaces)';
}

export interface GuestOptions {
  /** How long an address may take to appear; short where it is not to. */
  readonly readbackSecs?: number;
}

/** @param setup lines for the shell that are run before the plugin starts */
export async function startGuest(
  setup: string,
  { readbackSecs = 15 }: GuestOptions = {},
): Promise<Guest> {
  const script = fileURLToPath(new URL('guest-process.ts', import.meta.url));
  const child = spawn(
    'unshare',
    [
      ...['--net', '--mount', '--uts', '--pid', '--fork', '--mount-proc', '--kill-child'],
      ...['bash', '-c', `${NAMESPACES}\n${setup}\nexec "$0" "$@"`],
      ...[process.execPath, script, String(readbackSecs)],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.value !== 'ready') throw new Error(`the guest did not start: ${first.value}`);

  async function ask(request: GuestRequest): Promise<GuestAnswer> {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('the guest ended');
    return JSON.parse(value);
  }
  async function run(line: string): Promise<string> {
    const answer = await ask({ run: line });
    return 'output' in answer ? answer.output : '';
  }
  return {
    run,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
    async configure(request) {
      const answer = await ask({ configure: request });
      if ('response' in answer) return answer.response;
      throw new Error(JSON.stringify(answer));
    },
    async refused(request) {
      const answer = await ask({ configure: request });
      if ('failure' in answer) return answer.failure;
      throw new Error(JSON.stringify(answer));
    },
    async addresses() {
      const shown = JSON.parse(await run('ip -j address show dev v0'));
      return shown[0].addr_info
        .filter((info: { scope: string }) => info.scope === 'global')
        .map((info: { local: string; prefixlen: number }) => `${info.local}/${info.prefixlen}`);
    },
    async gateways() {
      const routes = await run('ip -4 route show default dev v0; ip -6 route show default dev v0');
      return [...routes.matchAll(/^default via (\S+)/gm)].map(([, gateway]) => gateway ?? '');
    },
  };
}

function isInstalled(program: string): boolean {
  try {
    findTool(program);
    return true;
  } catch (error) {
    if (error instanceof ToolMissing) return false;
    throw error;
  }
}
