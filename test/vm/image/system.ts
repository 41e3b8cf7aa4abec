import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../cache.ts';
import type { Architecture } from './architecture.ts';
import { inTheSystem, PACKAGES } from './packages.ts';

const LEFT_OUT = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/locale/*',
  '/usr/share/info/*',
];

/**
 * @returns the file of a Debian system of this machine's release, with a kernel in /kernel. That of
 * another processor is made with QEMU's user emulation.
 */
export async function debianSystem(architecture: Architecture): Promise<string> {
  const release = debianRelease();
  const packages = PACKAGES[architecture];
  const customize = inTheSystem(architecture);
  const dir = await cached({
    name: 'system',
    madeOf: [release, ...packages, customize, ...LEFT_OUT],
    keep: 3,
    make: (dir) => {
      const options = [
        '--quiet',
        '--variant=minbase',
        `--architectures=${architecture}`,
        `--include=${packages.join(',')}`,
        ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
        `--customize-hook=chroot "$1" sh -ec '${customize.replaceAll("'", `'\\''`)}'`,
      ];
      const made = [release, join(dir, 'system.tar'), ...sources(release)];
      execFileSync('mmdebstrap', [...options, ...made], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    },
  });
  return join(dir, 'system.tar');
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
