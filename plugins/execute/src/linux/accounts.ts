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

/** Where users and groups are looked up. */
export interface AccountSource {
  user(name: string): Promise<Account | undefined>;
  /** A group's id. */
  group(name: string): Promise<number | undefined>;
  /** Ids of the groups that list the user as a member. */
  groupsOf(user: string): Promise<readonly number[]>;
}

export interface AccountPaths {
  readonly passwd: string;
  readonly group: string;
}

/** passwd(5) and group(5), read anew when they change. */
export class AccountFiles implements AccountSource {
  readonly #passwd: CachedText;
  readonly #group: CachedText;

  constructor({ passwd, group }: AccountPaths = { passwd: '/etc/passwd', group: '/etc/group' }) {
    this.#passwd = new CachedText(passwd);
    this.#group = new CachedText(group);
  }

  async user(name: string): Promise<Account | undefined> {
    return isAccountName(name) ? parseAccount(lineOf(name, this.#passwd.read())) : undefined;
  }

  /** Synchronous: for the agent's own user, once. */
  userById(uid: number): Account | undefined {
    const line = new RegExp(`^[^:\n]+:[^:\n]*:${uid}:.*$`, 'm').exec(this.#passwd.read());
    return line ? parseAccount(line[0]) : undefined;
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

class CachedText {
  readonly #path: string;
  #version = '';
  #text = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** Begins with a newline, so that every line does. */
  read(): string {
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    if (!stat) return '';
    const version = [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join();
    if (version !== this.#version) {
      this.#text = `\n${readFileSync(this.#path, 'utf8')}`;
      this.#version = version;
    }
    return this.#text;
  }
}
