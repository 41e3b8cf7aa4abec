import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backend, Standing } from '../../backend.ts';
import { fieldRefused, networkFailed } from '../../errors.ts';
import type { NetworkChange } from '../../request.ts';
import type { Tools } from '../../tools.ts';
import type { Undo } from '../../undo.ts';
import type { NetworkInterface } from '../interface.ts';
import { replaceFile } from '../replace-file.ts';
import { ResolvConf } from '../resolv-conf.ts';
import { renderStanza } from './stanza.ts';
import { findStanzas } from './stanzas.ts';

export interface IfupdownOptions {
  readonly tools: Tools;
  readonly root: string;
}

const PUBLIC = { mode: 0o644, uid: 0, gid: 0 } as const;

/** ifupdown: /etc/network/interfaces. */
export class Ifupdown implements Backend {
  readonly name = 'ifupdown';
  readonly #options: IfupdownOptions;

  constructor(options: IfupdownOptions) {
    this.#options = options;
  }

  async standing(nic: NetworkInterface): Promise<Standing> {
    const { tools } = this.#options;
    const main = this.#main;
    if (!(await stat(main).catch(() => undefined))) return { absent: `there is no ${main}` };
    if (!(await tools.query('ifup', '--version'))) return { absent: 'ifup is not installed' };
    const { places } = await findStanzas(main, nic.name);
    return places.length > 0 ? 'manages' : 'available';
  }

  async configure(change: NetworkChange, nic: NetworkInterface, undo: Undo): Promise<void> {
    const path = join(this.#options.root, `etc/network/interfaces.d/limiquantix-${nic.name}`);
    const known = await this.#ownOnly(path, nic.name);
    const resolvConf = new ResolvConf(this.#options.root);
    const written = await this.#nameServersWritten(change, resolvConf);
    const up = () => this.#ifup(nic.name);
    const down = () => this.#ifdown(nic.name);
    if (known) {
      // With the settings that it was brought up with: those know what is to be stopped.
      undo.add(up);
      await down();
    }
    await replaceFile(path, renderStanza(change, !written), undo, PUBLIC);
    if (written) await resolvConf.write(change.dnsServers, undo);
    // Takes away what the interface has from elsewhere.
    if (!known) await down();
    undo.add(down);
    await up();
  }

  /**
   * @returns whether there is a stanza of an earlier change
   * @throws AgentError where somebody else wrote one, or ours would not be read
   */
  async #ownOnly(path: string, name: string): Promise<boolean> {
    const { places, includes } = await findStanzas(this.#main, name);
    const foreign = places.filter((place) => !place.startsWith(`${path}:`));
    if (foreign.length > 0) {
      throw networkFailed(`${name} is configured by hand at ${foreign.slice(0, 5).join(', ')}`, {
        context: 'two stanzas for one interface are both in force',
        resolution: `Remove the stanzas of ${name} there, then send the request again`,
      });
    }
    if (!includes(path)) {
      throw networkFailed(`${this.#main} does not include ${path}`, {
        resolution: `Add the line "source /etc/network/interfaces.d/*" to ${this.#main}`,
      });
    }
    return places.length > 0;
  }

  /**
   * Whether resolv.conf is to name the servers: where no resolvconf and no systemd-resolved
   * manages it, it is a plain file that ifupdown does not write.
   */
  async #nameServersWritten(
    { address, dnsServers }: NetworkChange,
    resolvConf: ResolvConf,
  ): Promise<boolean> {
    if (dnsServers.length === 0) return false;
    if (address) return !(await resolvConf.isManaged());
    throw fieldRefused(
      'dns_servers',
      dnsServers[0]?.text,
      'cannot be set together with dhcp under ifupdown',
      'Send no dns_servers: they come from the DHCP server',
    );
  }

  async #ifup(name: string): Promise<void> {
    await this.#options.tools.run('ifup', ...this.#place, name);
  }

  /** It may not have been up. */
  async #ifdown(name: string): Promise<void> {
    await this.#options.tools.query('ifdown', '-f', ...this.#place, name);
  }

  get #main(): string {
    return join(this.#options.root, 'etc/network/interfaces');
  }

  get #place(): readonly string[] {
    const { root } = this.#options;
    return root === '/' ? [] : ['-i', this.#main, '--state-dir', join(root, 'run/network')];
  }
}
