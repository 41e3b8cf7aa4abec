import type { BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** Names by id; an id that nobody has is its own name. */
export interface AccountNames {
  user(id: bigint): string;
  group(id: bigint): string;
}

/** Names of the guest's own accounts, read again when their files change. */
export class Accounts {
  readonly #users: NameFile;
  readonly #groups: NameFile;

  constructor(passwd = '/etc/passwd', group = '/etc/group') {
    this.#users = new NameFile(passwd);
    this.#groups = new NameFile(group);
  }

  async names(): Promise<AccountNames> {
    const [users, groups] = await Promise.all([this.#users.load(), this.#groups.load()]);
    return {
      user: (id) => users.get(String(id)) ?? String(id),
      group: (id) => groups.get(String(id)) ?? String(id),
    };
  }
}

/** passwd(5) and group(5) both have the name in their first column and the id in the third. */
class NameFile {
  readonly #path: string;
  #seen: BigIntStats | undefined;
  #names: ReadonlyMap<string, string> = new Map();

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<ReadonlyMap<string, string>> {
    try {
      const now = await stat(this.#path, { bigint: true });
      if (!this.#seen || changed(this.#seen, now)) {
        this.#names = parse(await readFile(this.#path, 'utf8'));
        this.#seen = now;
      }
      return this.#names;
    } catch {
      // A guest without such a file, as some containers are: the numbers say enough.
      return new Map();
    }
  }
}

function changed(before: BigIntStats, now: BigIntStats): boolean {
  return before.mtimeNs !== now.mtimeNs || before.ino !== now.ino || before.size !== now.size;
}

function parse(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':');
    // The first name of an id is the one that the C library gives.
    if (name && id && !names.has(id)) names.set(id, name);
  }
  return names;
}
