import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { output, Packages, ROOT, run, VERSION, whyNot } from './build.ts';

const DEB = `limiquantix-guest-agent_${VERSION}_amd64.deb`;
const RPM = `limiquantix-guest-agent-${VERSION}-1.x86_64.rpm`;
const TAR = `limiquantix-agent-${VERSION}-linux-x86_64.tar.gz`;

const LIB = '/usr/lib/limiquantix';
const DOC = '/usr/share/doc/limiquantix-guest-agent';
/** As `file` and the kernel know it. */
const EM_AARCH64 = 183;
const PLUGINS = readdirSync(join(ROOT, 'plugins')).flatMap((name) => [
  `drwxr-xr-x ${LIB}/plugins/${name}`,
  `-rw-r--r-- ${LIB}/plugins/${name}/package.json`,
  `-rw-r--r-- ${LIB}/plugins/${name}/plugin.cjs`,
]);
/** What calls C functions, for glibc or musl. */
const native = (libc: 'linux' | 'musl', machine = 'x64') =>
  `${LIB}/node_modules/@koromix/koffi-linux-${machine}/${libc}_${machine}/koffi.node`;
const NATIVE = [
  `drwxr-xr-x ${LIB}/node_modules`,
  `drwxr-xr-x ${LIB}/node_modules/@koromix`,
  `drwxr-xr-x ${LIB}/node_modules/@koromix/koffi-linux-x64`,
  `drwxr-xr-x ${LIB}/node_modules/@koromix/koffi-linux-x64/linux_x64`,
  `-rw-r--r-- ${native('linux')}`,
];
const EVERYWHERE = [
  ...PLUGINS,
  ...NATIVE,
  '-rwxr-xr-x /usr/bin/limiquantix-agent',
  `drwxr-xr-x ${LIB}`,
  `drwxr-xr-x ${LIB}/core`,
  ...[
    'agent-proto-json',
    'ajv',
    'limiquantix-agent',
    'log-writer',
    'main',
    'read-yaml',
    'semver',
    'validators',
    'yaml',
  ].map((name) => `-rw-r--r-- ${LIB}/core/${name}.cjs`),
  `drwxr-xr-x ${LIB}/plugins`,
  '-rw-r--r-- /usr/lib/systemd/system/limiquantix-agent.service',
  '-rw-r--r-- /usr/lib/udev/rules.d/70-limiquantix-agent.rules',
  'drwxr-xr-x /etc/limiquantix',
  '-rw-r--r-- /etc/limiquantix/agent.yaml',
  'drwxr-xr-x /etc/limiquantix/pre-freeze.d',
  'drwxr-xr-x /etc/limiquantix/post-thaw.d',
  'drwx------ /var/lib/limiquantix',
  'drwxr-x--- /var/log/limiquantix',
  '-rw-r--r-- /usr/share/man/man8/limiquantix-agent.8.gz',
  `drwxr-xr-x ${DOC}`,
  `-rw-r--r-- ${DOC}/copyright`,
  `-rw-r--r-- ${DOC}/changelog.gz`,
  `-rw-r--r-- ${DOC}/third-party-notices.gz`,
];
/** The program of Node.js, and what it made of what a start loads. */
const RUNTIME = [
  `drwxr-xr-x ${LIB}/runtime`,
  `-rwxr-xr-x ${LIB}/runtime/node`,
  ...['log-writer', 'main', 'read-yaml', 'validators'].map(
    (name) => `-rw-r--r-- ${LIB}/core/${name}.cache`,
  ),
  ...['clipboard', 'lifecycle', 'telemetry'].map(
    (name) => `-rw-r--r-- ${LIB}/plugins/${name}/plugin.cache`,
  ),
];
const IN_DEB = [
  ...EVERYWHERE,
  ...RUNTIME,
  '-rw-r--r-- /usr/share/lintian/overrides/limiquantix-guest-agent',
];
const IN_RPM = [...EVERYWHERE, ...RUNTIME, `-rw-r--r-- ${DOC}/LICENSE`];
const IN_TAR = [
  ...EVERYWHERE.filter((line) => line.startsWith('-')),
  `-rw-r--r-- ${DOC}/LICENSE`,
  `-rw-r--r-- ${native('musl')}`,
  `-rwxr-xr-x ${LIB}/uninstall.sh`,
  '-rwxr-xr-x /etc/init.d/limiquantix-agent',
];

/**
 * The same files are in a package for ARM, but for the folders of their native modules, and for
 * what only Node.js on ARM could make.
 */
const forArm64 = (lines: readonly string[]) =>
  lines
    .filter((line) => !line.endsWith('.cache'))
    .map((line) => line.replaceAll('linux-x64', 'linux-arm64').replaceAll('_x64', '_arm64'));

/** `MODE OWNER PATH` lines of a Debian package. */
function debListing(deb: string): string {
  return output('dpkg-deb', '-c', deb).replaceAll(/^(\S+) (\S+) .* \.(\/.*)$/gm, '$1 $2 $3');
}

function rpmListing(rpm: string): string {
  const format = '[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES}\n]';
  return output('rpm', '-qp', '--qf', format, rpm);
}

/** Of what a tarball brings, and of what it installs. */
function tarListing(tar: string): string {
  return output('tar', '-tvzf', tar).replaceAll(
    /^(\S+) (\S+) .* limiquantix-agent-[^/]*(\/.*)$/gm,
    '$1 $2 $3',
  );
}

/** Of `MODE OWNER PATH` lines those below a folder of the agent; sorted, without the owner. */
function own(listing: string): string[] {
  const lines = listing.trim().split('\n');
  expect(lines.filter((line) => !line.includes(' root/root '))).toEqual([]);
  return lines
    .map((line) => line.replace(' root/root', '').replace(/\/$/, ''))
    .filter((line) => /limiquantix/.test(line))
    .sort();
}

/** A file of a Debian package. */
function fileOf(path: string, deb = packages.path(DEB)): Buffer {
  const script = 'dpkg-deb --fsys-tarfile "$1" | tar -xO "$2"';
  return execFileSync('sh', ['-c', script, 'sh', deb, path], { maxBuffer: 1 << 28 });
}

function unzipped(path: string): string {
  return gunzipSync(fileOf(path)).toString();
}

let packages: Packages;
beforeAll(() => {
  packages = new Packages();
  packages.build('deb', 'amd64');
  packages.build('tar', 'amd64');
}, 120_000);
afterAll(() => packages.remove());

const noDpkg = whyNot('dpkg-deb');
describe.skipIf(noDpkg)(`the Debian package ${noDpkg}`, () => {
  const field = (name: string) => output('dpkg-deb', '-f', packages.path(DEB), name).trim();

  it('holds every file, for root alone to change', () => {
    expect(own(debListing(packages.path(DEB)))).toEqual(IN_DEB.toSorted());
  });

  it('names its version, architecture, size and what it needs', () => {
    expect(field('Version')).toBe(VERSION);
    expect(field('Architecture')).toBe('amd64');
    expect(field('Depends')).toContain('libc6 (>= 2.28)');
    expect(Number(field('Installed-Size'))).toBeGreaterThan(100_000);
    expect(field('Conffiles')).toBe('');
    expect(output('dpkg-deb', '-I', packages.path(DEB), 'conffiles')).toBe(
      '/etc/limiquantix/agent.yaml\n',
    );
  });

  it.skipIf(whyNot('lintian'))('is right for lintian', () => {
    expect(output('lintian', '--allow-root', '--fail-on=none', packages.path(DEB))).toBe('');
  });
});

const noRpm = whyNot('rpmbuild', 'rpm');
describe.skipIf(noRpm)(`the RPM package ${noRpm}`, () => {
  beforeAll(() => packages.build('rpm', 'amd64'), 120_000);
  const query = (format: string) => output('rpm', '-qp', '--qf', format, packages.path(RPM));

  it('holds every file, for root alone to change', () => {
    expect(own(rpmListing(packages.path(RPM)))).toEqual(IN_RPM.toSorted());
  });

  it('names its version and architecture, and the libraries that its runtime needs', () => {
    expect(query('%{VERSION}-%{RELEASE}.%{ARCH}')).toBe(`${VERSION}-1.x86_64`);
    expect(query('[%{REQUIRENAME}\n]')).toContain('libc.so.6(GLIBC_2.28)(64bit)');
  });

  it('keeps the configuration of who changed it', () => {
    const flags = query('[%{FILENAMES} %{FILEFLAGS:fflags}\n]');
    expect(flags.match(/^\S+ \S*c\S*$/gm)).toEqual(['/etc/limiquantix/agent.yaml cn']);
  });

  it.skipIf(whyNot('rpmlint'))('has no more errors than rpmlint must find', () => {
    // A package is signed by who publishes it; state and logs are nobody else's to read.
    const known = ['non-standard-dir-perm', 'no-signature'];
    const { stdout } = run('rpmlint', [packages.path(RPM)]);
    const errors = [...stdout.matchAll(/ E: (\S+)/g)].map(([, name]) => name as string);
    expect(errors.filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('the tarball', () => {
  it('holds every file but a runtime, modules for each libc, with OpenRC and scripts to install and uninstall', () => {
    const listing = tarListing(packages.path(TAR));
    const directories = output('tar', '-xOzf', packages.path(TAR), '--wildcards', '*/files.list');
    const installed = own(listing.replaceAll(' /root/', ' /'));
    expect(installed.filter((line) => line.startsWith('-'))).toEqual(IN_TAR.toSorted());
    expect(directories).toContain('directory 0700 /var/lib/limiquantix\n');
    expect(directories).toContain('config 0644 /etc/limiquantix/agent.yaml\n');
    expect(listing).toContain('-rwxr-xr-x root/root /install.sh');
  });
});

describe.skipIf(noDpkg)('packages', () => {
  const digest = (from: Packages, name: string) =>
    createHash('sha256')
      .update(readFileSync(from.path(name)))
      .digest('hex');

  it('have the same bytes when they are built again', () => {
    const again = new Packages();
    try {
      const elsewhere = { TZ: 'Asia/Tokyo', LC_ALL: 'C', HOME: again.dir };
      again.build(noRpm ? 'deb' : 'all', 'amd64', elsewhere);
      for (const name of noRpm ? [DEB] : [DEB, RPM, TAR]) {
        expect([name, digest(again, name)]).toEqual([name, digest(packages, name)]);
      }
    } finally {
      again.remove();
    }
  }, 120_000);

  it('bundle code without source maps, whose stack traces name functions and lines', () => {
    const path = `./${LIB.slice(1)}/core/main.cjs`;
    const bundle = fileOf(path).toString();
    expect(bundle).not.toContain('sourceMappingURL');
    expect(bundle).toContain('function parseArguments(');
    expect(Math.max(...bundle.split('\n').map((line) => line.length))).toBeLessThan(20_000);
  });

  it('say under which licence the software of others is', () => {
    const notices = unzipped(`.${DOC}/third-party-notices.gz`);
    for (const name of ['ajv 8', 'protobufjs 8', 'winston 3', 'koffi 3', 'Node.js 24']) {
      expect(notices).toMatch(new RegExp(`^${name}.*\\n(MIT|BSD-3-Clause|ISC)`, 'm'));
    }
  });

  it.skipIf(whyNot('mandoc'))('have a manual page with every option that --help has', () => {
    const page = unzipped('./usr/share/man/man8/limiquantix-agent.8.gz');
    const text = run('mandoc', ['-Thtml'], page).stdout;
    for (const option of ['--check-config', '--device', 'SIGHUP']) expect(text).toContain(option);
    expect(run('mandoc', ['-Tlint', '-Wwarning'], page).stdout).toBe('');
  });
});

describe('for arm64', () => {
  /** Programs and modules, which alone differ from those for amd64. */
  function expectArm64(...programs: readonly Buffer[]): void {
    for (const program of programs) {
      expect(program.toString('latin1', 1, 4)).toBe('ELF');
      expect(program.readUInt16LE(18)).toBe(EM_AARCH64);
    }
  }
  const runtime = `${LIB}/runtime/node`;

  it.skipIf(noDpkg)(
    'the Debian package has the same files, that runtime, and what calls C functions',
    () => {
      packages.build('deb', 'arm64');
      const deb = packages.path(`limiquantix-guest-agent_${VERSION}_arm64.deb`);
      expect(output('dpkg-deb', '-f', deb, 'Architecture')).toBe('arm64\n');
      expect(own(debListing(deb))).toEqual(forArm64(IN_DEB).toSorted());
      const paths = [runtime, native('linux', 'arm64')];
      expectArm64(...paths.map((path) => fileOf(`.${path}`, deb)));
    },
    60_000,
  );

  it.skipIf(noRpm)(
    'the RPM package has the same files and that runtime',
    () => {
      packages.build('rpm', 'arm64');
      const rpm = packages.path(`limiquantix-guest-agent-${VERSION}-1.aarch64.rpm`);
      expect(own(rpmListing(rpm))).toEqual(forArm64(IN_RPM).toSorted());
      const requires = output('rpm', '-qp', '--qf', '%{ARCH} [%{REQUIRENAME} ]', rpm);
      expect(requires).toMatch(/^aarch64 .*libc\.so\.6\(GLIBC_2\.28\)\(64bit\)/);
    },
    60_000,
  );

  it('the tarball has the same files, and modules for each libc', () => {
    packages.build('tar', 'arm64');
    const tar = packages.path(`limiquantix-agent-${VERSION}-linux-aarch64.tar.gz`);
    const installed = own(tarListing(tar).replaceAll(' /root/', ' /'));
    expect(installed.filter((line) => line.startsWith('-'))).toEqual(forArm64(IN_TAR).toSorted());
    const modules = (['linux', 'musl'] as const).map((libc) =>
      execFileSync('tar', ['-xOzf', tar, '--wildcards', `*${native(libc, 'arm64')}`], {
        maxBuffer: 1 << 28,
      }),
    );
    expectArm64(...modules);
  });
});
