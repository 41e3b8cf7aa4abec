import type { Backend, Standing } from '../backend.ts';
import { networkFailed } from '../errors.ts';
import type { Ip } from '../ip.ts';
import { cidrOf, type NetworkChange } from '../request.ts';
import type { Tools } from '../tools.ts';
import type { Undo } from '../undo.ts';
import type { NetworkInterface } from './interface.ts';

/** The connection profile that is to be changed. */
interface Profile {
  readonly uuid: string;
  /** Whether it was made for this change, and goes with it. */
  readonly made: boolean;
}

type Properties = Readonly<Record<string, string>>;

/** Whoever made the profile did not mean it for a certain interface: ours comes before it. */
const OWN_PRIORITY = '100';
/** What an activation may take while the former state is brought back. */
const PUT_BACK_WAIT_SECS = '10';

/** NetworkManager, by way of the connection profile of the interface. */
export class NetworkManager implements Backend {
  readonly name = 'networkmanager';
  readonly #tools: Tools;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  async standing(nic: NetworkInterface): Promise<Standing> {
    const general = await this.#tools.query('nmcli', '-t', '-f', 'RUNNING', 'general');
    if (!general) return { absent: 'nmcli is not installed' };
    if (general.stdout.trim() !== 'running') return { absent: 'it does not run' };
    const [, state = '', active = ''] = await this.#device(nic.name);
    if (state.startsWith('10 ')) return { absent: `it does not manage ${nic.name}` };
    // Of what another program has set up it only makes a profile to look at.
    return active !== '' && !state.includes('externally') ? 'manages' : 'available';
  }

  async configure(change: NetworkChange, nic: NetworkInterface, undo: Undo): Promise<void> {
    const [type = '', , active = ''] = await this.#device(nic.name);
    if (active !== '') {
      undo.add(() => this.#nmcli('--wait', PUT_BACK_WAIT_SECS, 'connection', 'up', 'uuid', active));
    }
    const { uuid, made } = await this.#profile(nic.name, type, active, undo);
    const former = await this.#properties(uuid);
    const wanted = propertiesOf(change, former);
    if (!made) {
      const old = Object.fromEntries(Object.keys(wanted).map((key) => [key, former[key] ?? '']));
      undo.add(() => this.#modify(uuid, old));
    }
    await this.#modify(uuid, wanted);
    await this.#nmcli('connection', 'up', 'uuid', uuid, 'ifname', nic.name);
  }

  /** The active profile where it is this interface's own; else one of the agent's making. */
  async #profile(name: string, type: string, active: string, undo: Undo): Promise<Profile> {
    const id = `limiquantix-${name}`;
    const own = await this.#uuidOf(id);
    if (active !== '' && active !== own && (await this.#belongsTo(name, active))) {
      return { uuid: active, made: false };
    }
    if (own !== '') return { uuid: own, made: false };
    if (active !== '') {
      await this.#nmcli('connection', 'clone', 'uuid', active, id);
    } else if (type === 'ethernet') {
      await this.#nmcli('connection', 'add', 'type', type, 'ifname', name, 'con-name', id);
    } else {
      throw networkFailed(`${name} (${type}) has no active connection`, {
        resolution: `Activate a connection of ${name} in the guest first: nmcli connection up`,
      });
    }
    undo.add(() => this.#nmcli('connection', 'delete', 'id', id));
    const uuid = await this.#uuidOf(id);
    await this.#modify(uuid, {
      'connection.interface-name': name,
      'connection.autoconnect': 'yes',
      'connection.autoconnect-priority': OWN_PRIORITY,
    });
    return { uuid, made: true };
  }

  /** Whether the profile is stored, and for one interface alone. */
  async #belongsTo(name: string, uuid: string): Promise<boolean> {
    const files = ['-t', '-f', 'UUID,FILENAME', 'connection', 'show'] as const;
    const stored = await this.#tools.run('nmcli', ...files);
    if (!stored.split('\n').some((row) => row.startsWith(`${uuid}:/etc/`))) return false;
    const { 'connection.interface-name': bound, '802-3-ethernet.mac-address': mac } =
      await this.#properties(uuid);
    return bound === name || Boolean(mac);
  }

  /** @returns empty where there is none */
  async #uuidOf(id: string): Promise<string> {
    const args = ['-g', 'connection.uuid', 'connection', 'show', 'id', id] as const;
    return (await this.#tools.query('nmcli', ...args))?.stdout.trim() ?? '';
  }

  /** Its type, its state and the UUID of its active profile. */
  async #device(name: string): Promise<string[]> {
    const fields = 'GENERAL.TYPE,GENERAL.STATE,GENERAL.CON-UUID';
    return (await this.#tools.run('nmcli', '-g', fields, 'device', 'show', name)).split('\n');
  }

  /** Of the whole profile; secrets are not shown. */
  async #properties(uuid: string): Promise<Properties> {
    const shown = await this.#tools.run(
      'nmcli',
      '-t',
      '-e',
      'no',
      'connection',
      'show',
      'uuid',
      uuid,
    );
    return Object.fromEntries(
      shown.split('\n').map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1)];
      }),
    );
  }

  async #modify(uuid: string, properties: Properties): Promise<void> {
    await this.#nmcli('connection', 'modify', 'uuid', uuid, ...Object.entries(properties).flat());
  }

  async #nmcli(...args: readonly string[]): Promise<void> {
    await this.#tools.run('nmcli', ...args);
  }
}

/** @param former those of the profile now */
function propertiesOf({ address, dnsServers }: NetworkChange, former: Properties): Properties {
  const properties: Record<string, string> = {};
  for (const family of [4, 6] as const) {
    const key = `ipv${family}` as const;
    const own = address?.ip.family === family ? address : undefined;
    const dns = dnsServers.filter((ip: Ip) => ip.family === family).map((ip) => ip.text);
    properties[`${key}.method`] = own
      ? 'manual'
      : methodWithout(family, address !== undefined, former);
    properties[`${key}.addresses`] = own ? cidrOf(own) : '';
    properties[`${key}.gateway`] = own?.gateway?.text ?? '';
    properties[`${key}.dns`] = dns.join(',');
    properties[`${key}.ignore-auto-dns`] = dnsServers.length > 0 ? 'yes' : 'no';
    if (own?.gateway) properties[`${key}.never-default`] = 'no';
  }
  return properties['ipv4.method'] === 'disabled' ? withoutIpv4(properties, former) : properties;
}

/** A family that is off may not have search domains either: the other one takes them over. */
function withoutIpv4(properties: Properties, former: Properties): Properties {
  const searched = former['ipv6.dns-search'] || former['ipv4.dns-search'] || '';
  return { ...properties, 'ipv4.dns-search': '', 'ipv6.dns-search': searched };
}

/** Of a family without an address of its own: IPv4 is off beside IPv6, but not the other way. */
function methodWithout(family: 4 | 6, isStatic: boolean, former: Properties): string {
  if (family === 4) return isStatic ? 'disabled' : 'auto';
  const method = former['ipv6.method'] ?? '';
  return method === '' || method === 'manual' ? 'auto' : method;
}
