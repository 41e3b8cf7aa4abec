import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountSource } from '@limiquantix/plugin-sdk/guest';
import type { Backend, Standing } from '../../backend.ts';
import type { NetworkChange } from '../../request.ts';
import type { Tools } from '../../tools.ts';
import type { Undo } from '../../undo.ts';
import type { NetworkInterface } from '../interface.ts';
import { replaceFile } from '../replace-file.ts';
import { ResolvConf } from '../resolv-conf.ts';
import { renderNetworkFile } from './network-file.ts';

export interface NetworkdOptions {
  readonly tools: Tools;
  readonly root: string;
  readonly accounts: Pick<AccountSource, 'group'>;
}

/** In networkctl's column SETUP, of an interface that it has a .network file for. */
const MANAGED = /\s(configuring|configured|failed)$/m;

/** systemd-networkd, where nothing else writes its files. */
export class Networkd implements Backend {
  readonly name = 'systemd-networkd';
  readonly #options: NetworkdOptions;

  constructor(options: NetworkdOptions) {
    this.#options = options;
  }

  async standing(nic: NetworkInterface): Promise<Standing> {
    const listed = await this.#options.tools.query(
      'networkctl',
      '--no-pager',
      '--no-legend',
      'list',
      nic.name,
    );
    if (!listed) return { absent: 'networkctl is not installed' };
    // It answers without the service too, and only warns.
    const runs = listed.exitCode === 0 && !listed.stderr.includes('not running');
    if (!runs) return { absent: 'it does not run' };
    return MANAGED.test(listed.stdout) ? 'manages' : 'available';
  }

  async configure(change: NetworkChange, nic: NetworkInterface, undo: Undo): Promise<void> {
    const { tools, root } = this.#options;
    const path = join(root, `etc/systemd/network/05-limiquantix-${nic.name}.network`);
    const inForce = await this.#fileInForce(nic.name);
    const current = inForce ? await readFile(inForce, 'utf8').catch(() => '') : '';
    const text = renderNetworkFile(change, current, inForce === path);
    // It reconfigures what a changed file is for. To reconfigure that at once again loses the
    // address for good where the DHCP server answers in between (systemd 252).
    const apply = async () => void (await tools.run('networkctl', 'reload'));
    await new ResolvConf(root).writeUnlessResolved(change.dnsServers, undo);
    undo.add(apply);
    await replaceFile(path, text, undo, await this.#ownership());
    await apply();
  }

  async #fileInForce(name: string): Promise<string | undefined> {
    const status = await this.#options.tools.run('networkctl', '--no-pager', 'status', name);
    return /^\s*Network File: (\/.*\.network)$/m.exec(status)?.[1];
  }

  /** networkd reads it as a user of its own, who is in this group: 0600 would hide it. */
  async #ownership() {
    const gid = await this.#options.accounts.group('systemd-network');
    return gid === undefined ? { mode: 0o644, uid: 0, gid: 0 } : { mode: 0o640, uid: 0, gid };
  }
}
