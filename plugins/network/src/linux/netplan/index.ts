import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Backend, Standing } from '../../backend.ts';
import { networkFailed } from '../../errors.ts';
import { cidrOf, type NetworkChange } from '../../request.ts';
import type { Tools } from '../../tools.ts';
import type { Undo } from '../../undo.ts';
import type { NetworkInterface } from '../interface.ts';
import { replaceFile } from '../replace-file.ts';
import { ResolvConf } from '../resolv-conf.ts';
import { readConfigFiles, YAML } from './config-files.ts';
import { findDefinition, partsOf } from './definition.ts';
import { type NetplanPlan, planNetplan } from './plan.ts';

export interface NetplanOptions {
  readonly tools: Tools;
  readonly root: string;
  /** Whether netplan counts only where it has a configuration already. */
  readonly inUse: boolean;
}

/** What netplan has carry out an interface's definition. */
type Renderer = 'networkd' | 'NetworkManager';

/** netplan of Ubuntu and of Debian's cloud images, over systemd-networkd or NetworkManager. */
export class Netplan implements Backend {
  readonly name = 'netplan';
  readonly #options: NetplanOptions;

  constructor(options: NetplanOptions) {
    this.#options = options;
  }

  async standing(nic: NetworkInterface): Promise<Standing> {
    const { tools, root, inUse } = this.#options;
    const directory = join(root, 'etc/netplan');
    if (!(await stat(directory).catch(() => undefined))) {
      return { absent: `there is no ${directory}` };
    }
    const files = await readConfigFiles(root);
    if (inUse && files.length === 0) return { absent: `${directory} has no .yaml` };
    if (!(await tools.query('netplan', '--help'))) return { absent: 'it is not installed' };
    return findDefinition(partsOf(files), nic) ? 'manages' : 'available';
  }

  async configure(change: NetworkChange, nic: NetworkInterface, undo: Undo): Promise<void> {
    const { root } = this.#options;
    const plan = planNetplan(await readConfigFiles(root), change, nic, root);
    const renderer = await this.#check(plan, change);
    const apply = () => this.#apply(renderer);
    await new ResolvConf(root).writeUnlessResolved(change.dnsServers, undo);
    undo.add(apply);
    for (const file of plan.files) {
      if (file.changed) await replaceFile(file.path, file.text, undo);
    }
    await apply();
  }

  /**
   * `netplan apply` has networkd reload its files, and at once reconfigure every interface. An
   * address that a DHCP server gives in between is lost for good (systemd 252).
   */
  async #apply(renderer: Renderer): Promise<void> {
    const { tools } = this.#options;
    if (renderer === 'networkd') {
      await tools.run('netplan', 'generate');
      const reload = await tools.query('networkctl', 'reload');
      if (reload?.exitCode === 0) return;
    }
    // Where networkd does not run, or is older than systemd 244, it is started anew.
    await tools.run('netplan', 'apply');
  }

  /**
   * Has netplan itself read the plan before the guest's own files change.
   * @throws AgentError where it refuses them, or would not do what was asked for
   */
  async #check({ definition, files }: NetplanPlan, change: NetworkChange): Promise<Renderer> {
    const { tools, root } = this.#options;
    const run = join(root, 'run/limiquantix');
    await mkdir(run, { recursive: true });
    const stage = await mkdtemp(join(run, 'netplan-'));
    try {
      await mkdir(join(stage, 'etc/netplan'), { recursive: true });
      for (const { name, text } of files) {
        await writeFile(join(stage, 'etc/netplan', name), text, { mode: 0o600 });
      }
      await tools.run('netplan', 'generate', '--root-dir', stage);
      const merged = await tools.run('netplan', 'get', '--root-dir', stage);
      const settings = parse(merged, YAML)?.network?.[definition.section]?.[definition.id];
      if (!isAsked(settings, change)) {
        throw networkFailed(`netplan would not do exactly this to ${definition.id}`, {
          context: `its merged settings: ${JSON.stringify(settings)?.slice(0, 1000)}`,
          resolution: 'Look at the files of /etc/netplan: netplan get shows them merged',
        });
      }
      const generated = join(stage, `run/systemd/network/10-netplan-${definition.id}.network`);
      return (await stat(generated).catch(() => undefined)) ? 'networkd' : 'NetworkManager';
    } finally {
      await rm(stage, { recursive: true, force: true });
    }
  }
}

function isAsked(settings: unknown, { address }: NetworkChange): boolean {
  const { addresses = [], dhcp4, dhcp6 } = (settings ?? {}) as Readonly<Record<string, unknown>>;
  const expected = address ? [cidrOf(address)] : [];
  const automatic = address ? dhcp4 !== 'true' && dhcp6 !== 'true' : dhcp4 === 'true';
  return automatic && JSON.stringify(addresses) === JSON.stringify(expected);
}
