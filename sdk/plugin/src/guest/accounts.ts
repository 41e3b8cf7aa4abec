import { readFileSync, statSync } from 'node:fs';

/** A user of the guest. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  /** The primary group. */
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** Names by id; an id that nobody has is its own name. */
export interface AccountNames {
  user(id: number | bigint): string;
  group(id: number | bigint): string;
}

/** Where users and groups are looked up. */
export interface AccountSource {
  user(name: string): Promise<Account | undefined>;
  /** A group's id. */
  group(name: string): Promise<number | undefined>;
  /** Ids of the groups that list the user as a member. */
  groupsOf(user: string): Promise<readonly number[]>;
}

/** The files that {@link AccountFiles} reads; there need not be any. */
export interface AccountPaths {
  readonly passwd: string;
  readonly group: string;
}

/** passwd(5) and group(5), read anew when they change. */
export class AccountFiles implements AccountSource {
  readonly #passwd: AccountFile;
  readonly #group: AccountFile;

  constructor({ passwd, group }: AccountPaths = { passwd: '/etc/passwd', group: '/etc/group' }) {
    this.#passwd = new AccountFile(passwd);
    this.#group = new AccountFile(group);
  }

  async user(name: string): Promise<Account | undefined> {
    return isAccountName(name) ? parseAccount(lineOf(name, this.#passwd.read())) : undefined;
  }

  /** Synchronous: for the agent's own user, once. */
  userById(uid: number): Account | undefined {
    const line = new RegExp(`^[^:\n]+:[^:\n]*:${uid}:.*$`, 'm').exec(this.#passwd.read());
    return line ? parseAccount(line[0]) : undefined;
  }

  /** All as they are now. */
  names(): AccountNames {
    const users = this.#passwd.names();
    const groups = this.#group.names();
    return {
      user: (id) => users.get(String(id)) ?? String(id),
      group: (id) => groups.get(String(id)) ?? String(id),
    };
  }

  async group(name: string): Promise<number | undefined> {
    return isAccountName(name) ? parseGroup(lineOf(name, this.#group.read())) : undefined;
  }

  async groupsOf(user: string): Promise<readonly number[]> {
    return this.#group
      .read()
      .split('\n')
      .filter((line) =>
        line
          .slice(line.lastIndexOf(':') + 1)
          .split(',')
          .includes(user),
      )
      .map(parseGroup)
      .filter((id) => id !== undefined);
  }
}

/** Whether the text can be one field of such a file, and no NIS directive (`+name`). */
export function isAccountName(text: string): boolean {
  return /^[^\0\n:+-][^\0\n:]{0,254}$/.test(text);
}

/** @param line of passwd(5); undefined where it does not hold a usable account */
export function parseAccount(line: string | undefined): Account | undefined {
  const [name = '', , uidText, gidText, , home, shell] = line?.split(':') ?? [];
  const uid = parseId(uidText);
  const gid = parseId(gidText);
  if (uid === undefined || gid === undefined) return undefined;
  return { name, uid, gid, home: home || '/', shell: shell || '/bin/sh' };
}

/** @param line of group(5) */
export function parseGroup(line: string | undefined): number | undefined {
  return parseId(line?.split(':')[2]);
}

/** The highest number means "no change" to setuid(2): the command would stay root. */
const NO_ID = 0xffff_ffff;

export function parseId(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  return id < NO_ID ? id : undefined;
}

function lineOf(name: string, text: string): string | undefined {
  const start = text.indexOf(`\n${name}:`) + 1;
  if (start === 0) return undefined;
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end);
}

/** Both files have the name in their first column and the id in the third. */
class AccountFile {
  readonly #path: string;
  #version: string | undefined;
  #text = '';
  #names: ReadonlyMap<string, string> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Begins with a newline, so that every line does; empty where there is no file. */
  read(): string {
    const version = versionOf(this.#path);
    if (version !== this.#version) {
      this.#text = version === undefined ? '' : `\n${readFileSync(this.#path, 'utf8')}`;
      this.#version = version;
      this.#names = undefined;
    }
    return this.#text;
  }

  names(): ReadonlyMap<string, string> {
    const text = this.read();
    this.#names ??= namesById(text);
    return this.#names;
  }
}

/** Another for every change of the file; undefined where there is none. */
function versionOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join();
}

function namesById(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':', 3);
    // The first name of an id is the one that the C library gives.
    if (name && id && !names.has(id)) names.set(id, name);
  }
  return names;
}
