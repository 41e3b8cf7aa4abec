import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A passwd and a shadow file of its own for the guest's real tools to change. */
export class AccountsTree {
  readonly root: string;

  constructor(root: string, users: readonly string[]) {
    this.root = root;
    mkdirSync(join(root, 'etc'), { recursive: true });
    const lines = (line: (user: string, index: number) => string) =>
      `${users.map(line).join('\n')}\n`;
    this.#write(
      'passwd',
      lines((user, i) => `${user}:x:${1000 + i}:1000::/:/bin/sh`),
    );
    this.#write('group', 'users:x:1000:\n');
    this.#write(
      'shadow',
      lines((user) => `${user}:!:20000:0:99999:7:::`),
    );
  }

  /** The hash; `!` where none was ever set. */
  hashOf(user: string): string {
    return this.#shadow(user)[1] as string;
  }

  /** Days since the epoch; 0: it has expired. */
  lastChangeOf(user: string): number {
    return Number(this.#shadow(user)[2]);
  }

  /** Whether one could log in with it, as crypt(3) says. */
  accepts(user: string, password: string): boolean {
    const hash = this.hashOf(user);
    const script = `chomp($_ = <STDIN>); print crypt($_, '${hash}')`;
    return execFileSync('perl', ['-e', script], { input: `${password}\n` }).toString() === hash;
  }

  /** A script that runs one of the machine's own tools on this tree, and on nothing else. */
  script(tool: string, options: readonly string[] = []): string {
    return `exec ${tool} --root ${this.root} ${options.join(' ')} "$@" < "$record.input"`;
  }

  #shadow(user: string): string[] {
    const text = readFileSync(join(this.root, 'etc/shadow'), 'utf8');
    const line = text.split('\n').find((row) => row.startsWith(`${user}:`));
    if (line === undefined) throw new Error(`${user} is not in the shadow file`);
    return line.split(':');
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.root, 'etc', name), text, { mode: 0o600 });
  }
}
