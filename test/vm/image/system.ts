import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../cache.ts';
import { IN_THE_SYSTEM, PACKAGES } from './packages.ts';

const LEFT_OUT = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/locale/*',
  '/usr/share/info/*',
];

/** @returns the file of a Debian system of this machine's release, with a kernel in /kernel */
export async function debianSystem(): Promise<string> {
  const release = debianRelease();
  const dir = await cached({
    name: 'system',
    madeOf: [release, ...PACKAGES, IN_THE_SYSTEM, ...LEFT_OUT],
    keep: 3,
    make: (dir) => bootstrap(release, join(dir, 'system.tar')),
  });
  return join(dir, 'system.tar');
}

function bootstrap(release: string, file: string): void {
  const options = [
    '--quiet',
    '--variant=minbase',
    `--include=${PACKAGES.join(',')}`,
    ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
    `--customize-hook=chroot "$1" sh -ec '${IN_THE_SYSTEM.replaceAll("'", `'\\''`)}'`,
  ];
  execFileSync('mmdebstrap', [...options, release, file, ...sources(release)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function debianRelease(): string {
  const text = readFileSync('/etc/os-release', 'utf8');
  const [, codename] = /^VERSION_CODENAME=(\w+)$/m.exec(text) ?? [];
  if (!/^ID=debian$/m.test(text) || !codename) {
    throw new Error('the guest is made of the packages of this machine, which must run Debian');
  }
  return codename;
}

/** The mirrors that this machine itself installs from. */
function sources(release: string): string[] {
  const format = 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)';
  const targets = execFileSync('apt-get', ['indextargets', '--format', format], {
    encoding: 'utf8',
  });
  const debian = new RegExp(` ${release}(-updates|-security)? main$`);
  return [...new Set(targets.split('\n').filter((line) => debian.test(line)))];
}
