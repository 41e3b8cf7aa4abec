import { lstat, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nameServersUnheard } from '../errors.ts';
import type { Ip } from '../ip.ts';
import type { Undo } from '../undo.ts';
import { replaceFile } from './replace-file.ts';

const PUBLIC = { mode: 0o644, uid: 0, gid: 0 } as const;

/** The guest's /etc/resolv.conf, where the C library looks for name servers. */
export class ResolvConf {
  readonly #root: string;
  readonly #path: string;

  constructor(root: string) {
    this.#root = root;
    this.#path = join(root, 'etc/resolv.conf');
  }

  /** Whether a program makes it of what others tell it, which leave a link to its work there. */
  async isManaged(): Promise<boolean> {
    return lstat(this.#path).then(
      (stats) => !stats.isFile(),
      () => false,
    );
  }

  /** Names these servers in place of those that it has. @throws AgentError NETWORK_CONFIG_FAILED */
  async write(servers: readonly Ip[], undo: Undo): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    await replaceFile(this.#path, withNameServers(text, servers), undo, PUBLIC);
  }

  /**
   * networkd tells systemd-resolved of name servers and nobody else: where that does not run
   * they must be written here, or nothing in the guest would ask them.
   * @throws AgentError NETWORK_CONFIG_FAILED where that would be undone by whoever manages it
   */
  async writeUnlessResolved(servers: readonly Ip[], undo: Undo): Promise<void> {
    if (servers.length === 0) return;
    const resolved = join(this.#root, 'run/systemd/resolve/resolv.conf');
    if (await stat(resolved).catch(() => undefined)) return;
    if (!(await this.isManaged())) return this.write(servers, undo);
    const manager = await readlink(this.#path).catch(() => 'something that is no file');
    // As the renderer of netplan it knows of them.
    if (manager.includes('/NetworkManager/')) return;
    throw nameServersUnheard(this.#path, manager);
  }
}

/** resolv.conf(5) with these name servers in place of those that it has; the rest stays. */
function withNameServers(text: string, servers: readonly Ip[]): string {
  const rest = text.split('\n').filter((line) => line !== '' && !/^\s*nameserver\b/.test(line));
  return [...rest, ...servers.map((ip) => `nameserver ${ip.text}`), ''].join('\n');
}
