import { chmodSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentClient } from '@limiquantix/agent-client';
import { Execute, Ping } from '@limiquantix/agent-proto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { output, Packages, VERSION } from './build.ts';
import { OverlayRoot, whyNoRoot } from './overlay-root.ts';

const DEB = `limiquantix-guest-agent_${VERSION}_amd64.deb`;
const RPM = `limiquantix-guest-agent-${VERSION}-1.x86_64.rpm`;
const TAR = `limiquantix-agent-${VERSION}-linux-x86_64.tar.gz`;
const CONFIG = '/etc/limiquantix/agent.yaml';

let root: OverlayRoot;
let packages: Packages;
beforeAll(() => {
  packages = new Packages();
});
afterAll(() => packages.remove());
beforeEach(async () => {
  root = await OverlayRoot.start();
});
afterEach(() => root.stop());

/** Puts it where the other side can have it. @returns its path there */
function share(file: string, name: string): string {
  cpSync(file, join(root.shared, name));
  return `/shared/${name}`;
}

const FAKE_SYSTEMCTL = `#!/bin/sh
# What needs no systemd to run.
case "$1" in --root=*) exec systemctl.real "$@" ;; esac
echo "$*" >>/shared/systemctl.log
case "$*" in *is-active*) exit 3 ;; *is-enabled*) echo enabled ;; esac
`;

/**
 * A systemd that writes down what it is told, since none runs there.
 * @returns what it was told so far
 */
function recordSystemctl(): () => string[] {
  root.ok('mkdir -p /run/systemd/system; rm -f /usr/sbin/policy-rc.d');
  root.ok('[ -e /usr/bin/systemctl.real ] || mv /usr/bin/systemctl /usr/bin/systemctl.real');
  const fake = join(root.root, 'usr/bin/systemctl');
  writeFileSync(fake, FAKE_SYSTEMCTL);
  chmodSync(fake, 0o755);
  const log = join(root.shared, 'systemctl.log');
  return () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
}

/** The installed agent, and a host that is connected to it. */
async function startAgent(): Promise<{ client: AgentClient; stop: () => Promise<void> }> {
  const args = ['--device', 'unix:/shared/agent.sock'];
  const agent = root.spawn('/usr/bin/limiquantix-agent', ...args);
  const client = new AgentClient({ path: join(root.shared, 'agent.sock') });
  await expect.poll(() => client.state).toBe('connected');
  return {
    client,
    stop: async () => {
      await client.close();
      agent.kill('SIGTERM');
      await new Promise((resolve) => agent.once('exit', resolve));
    },
  };
}

async function answersPing(): Promise<void> {
  const { client, stop } = await startAgent();
  try {
    expect(await client.call(Ping, { sequence: 7n })).toMatchObject({ version: VERSION });
  } finally {
    await stop();
  }
}

const noDebs = whyNoRoot('dpkg');
describe.skipIf(noDebs)(`the Debian package, installed ${noDebs}`, () => {
  beforeAll(() => packages.build('deb', 'amd64'), 60_000);
  const install = () => root.ok(`dpkg -i ${share(packages.path(DEB), 'agent.deb')}`);

  /** The next version, with another shipped configuration. */
  function nextVersion(): string {
    const script = `
      cd "$1"; dpkg-deb -R "$2" next
      sed -i 's/^Version:.*/Version: 9.0.0/' next/DEBIAN/control
      echo '# Of the next version.' >>next${CONFIG}
      dpkg-deb --root-owner-group -Znone -b next next.deb; rm -r next`;
    output('sh', '-ec', script, 'sh', root.shared, packages.path(DEB));
    return '/shared/next.deb';
  }

  it('runs, and answers a host', async () => {
    install();
    expect(root.ok('limiquantix-agent --version')).toBe(`${VERSION}\n`);
    expect(root.ok('limiquantix-agent --check-config')).toBe(`${CONFIG}: ok\n`);
    expect(root.ok('dpkg --verify limiquantix-guest-agent')).toBe('');
    const { capabilities } = JSON.parse(root.ok('limiquantix-agent --capabilities'));
    expect(capabilities).toEqual(expect.arrayContaining(['execute', 'file_read', 'telemetry']));
    await answersPing();
  });

  it('does not let the environment run code in the agent', () => {
    install();
    writeFileSync(join(root.shared, 'evil.cjs'), 'console.log("evil")');
    const said = root.ok('NODE_OPTIONS="--require /shared/evil.cjs" limiquantix-agent --version');
    expect(said).toBe(`${VERSION}\n`);
  });

  it('keeps the configuration through upgrade and removal, and nothing of a purge', () => {
    install();
    root.ok(`sed -i 's/^log_level: info/log_level: debug/' ${CONFIG}`);
    root.ok('echo kept >/var/lib/limiquantix/state; echo kept >/var/log/limiquantix/agent.log');
    root.ok(`dpkg --force-confold -i ${nextVersion()}`);
    expect(root.ok(`cat ${CONFIG}`)).toMatch(/^log_level: debug/m);
    expect(root.ok(`ls ${CONFIG}.dpkg-dist`)).toContain('dpkg-dist');
    root.ok('dpkg --remove limiquantix-guest-agent');
    expect(root.sh('ls /usr/lib/limiquantix').status).not.toBe(0);
    expect(root.ok('cat /var/lib/limiquantix/state /var/log/limiquantix/agent.log')).toBe(
      'kept\nkept\n',
    );
    root.ok('dpkg --purge limiquantix-guest-agent');
    const left = 'ls -d /etc/limiquantix /var/lib/limiquantix /var/log/limiquantix 2>/dev/null';
    expect(root.sh(left).stdout).toBe('');
  });

  it('is started, restarted when its files are in place, and stopped', () => {
    const told = recordSystemctl();
    install();
    expect(told()).toContain('daemon-reload');
    expect(told().join()).toMatch(/\bstart limiquantix-agent\.service/);
    expect(root.ok('ls /etc/systemd/system/multi-user.target.wants')).toContain(
      'limiquantix-agent.service',
    );
    root.ok(`dpkg -i ${nextVersion()}`);
    expect(told().at(-1)).toBe('try-restart limiquantix-agent.service');
    expect(told().join()).not.toContain('stop');
    root.ok('dpkg --remove limiquantix-guest-agent');
    const [stopped, ...then] = told().slice(told().indexOf('stop limiquantix-agent.service'));
    expect(stopped).toBe('stop limiquantix-agent.service');
    expect(new Set(then)).toEqual(new Set(['daemon-reload']));
    expect(root.ok('ls /etc/systemd/system/multi-user.target.wants')).not.toContain('limiquantix');
    root.ok('dpkg -i /shared/agent.deb');
    expect(told().at(-1)).toMatch(/\bstart limiquantix-agent\.service$/);
  });

  it('is not started where the policy of the system says so', () => {
    const told = recordSystemctl();
    writeFileSync(join(root.root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n');
    root.ok('chmod +x /usr/sbin/policy-rc.d');
    install();
    expect(told()).toContain('daemon-reload');
    expect(told().join()).not.toMatch(/\bstart/);
  });

  it('is upgraded by a host through the agent, which is restarted when the command is over', async () => {
    install();
    const { client, stop } = await startAgent();
    try {
      const told = recordSystemctl();
      const command = `dpkg -i ${nextVersion()} && cat /shared/systemctl.log`;
      const answer = await client.call(Execute, { command, timeoutSeconds: 60 });
      expect(answer.exitCode).toBe(0);
      expect(Buffer.from(answer.stdout ?? []).toString()).not.toContain('restart');
      await expect.poll(told, { timeout: 5000 }).toContain('try-restart limiquantix-agent.service');
    } finally {
      await stop();
    }
  });
});

const noRpms = whyNoRoot('rpm', 'rpmbuild');
describe.skipIf(noRpms)(`the RPM package, installed ${noRpms}`, () => {
  beforeAll(() => packages.build('rpm', 'amd64'), 60_000);
  // This machine's libraries are in another package manager's books.
  const install = () => root.ok(`rpm -i --nodeps ${share(packages.path(RPM), 'agent.rpm')}`);

  it('runs, is as it was packaged, and is erased but for a changed configuration', async () => {
    install();
    expect(root.ok('rpm -V --nodeps limiquantix-guest-agent')).toBe('');
    expect(root.ok('limiquantix-agent --version')).toBe(`${VERSION}\n`);
    await answersPing();
    root.ok(`echo '# changed' >>${CONFIG}; rpm -e limiquantix-guest-agent`);
    expect(root.ok('ls /etc/limiquantix')).toBe('agent.yaml.rpmsave\n');
    expect(root.sh('ls /usr/lib/limiquantix /usr/bin/limiquantix-agent').stdout).toBe('');
  });

  it('is enabled and started, restarted by an upgrade, disabled and stopped', () => {
    const told = recordSystemctl();
    install();
    expect(told().slice(-2)).toEqual([
      '--quiet enable limiquantix-agent.service',
      'start limiquantix-agent.service',
    ]);
    root.ok('rpm -U --nodeps --replacepkgs --force /shared/agent.rpm');
    expect(told()).toContain('try-restart limiquantix-agent.service');
    expect(told().join()).not.toContain('stop');
    root.ok('rpm -e limiquantix-guest-agent');
    expect(told().slice(-3)).toEqual([
      '--quiet disable limiquantix-agent.service',
      'stop limiquantix-agent.service',
      'daemon-reload',
    ]);
  });
});

const noRoot = whyNoRoot();
describe.skipIf(noRoot)(`the tarball, installed ${noRoot}`, () => {
  beforeAll(() => packages.build('tar', 'amd64'), 60_000);
  const unpack = () =>
    root
      .ok(
        `cd /shared && tar -xzf ${share(packages.path(TAR), 'agent.tar.gz')} && cd limiquantix-agent-*/ && pwd`,
      )
      .trim();
  /** A system without OpenRC, whose Node.js is this one. */
  const prepare = () => {
    cpSync(process.execPath, join(root.root, 'usr/local/bin/node'));
    root.ok('rm -f /sbin/openrc-run');
  };

  it('says what to install where there is no Node.js that is new enough', () => {
    const dir = unpack();
    root.ok('rm -f /usr/local/bin/node /usr/bin/node /bin/node');
    const { status, stderr } = root.sh(`${dir}/install.sh`);
    expect(status).not.toBe(0);
    expect(stderr).toContain('Node.js 24 or later is needed');
    expect(stderr).toContain('apk add nodejs');
  });

  it('does nothing where it is asked for what its scripts do not know', () => {
    const dir = unpack();
    prepare();
    expect(root.sh(`${dir}/install.sh --help`)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('DESTDIR'),
    });
    expect(root.sh('ls /usr/lib/limiquantix').status).not.toBe(0);
    root.ok(`${dir}/install.sh`);
    for (const given of ['--prge', '--purge now']) {
      expect(root.sh(`/usr/lib/limiquantix/uninstall.sh ${given}`).status).toBe(2);
    }
    root.ok('limiquantix-agent --version; /usr/lib/limiquantix/uninstall.sh --purge');
  });

  it("runs with the system's Node.js, keeps the configuration, and can be removed", async () => {
    const dir = unpack();
    prepare();
    root.ok(`${dir}/install.sh`);
    expect(root.sh('ls /etc/init.d/limiquantix-agent').status).not.toBe(0);
    expect(root.ok('stat -c %a /var/lib/limiquantix /var/log/limiquantix')).toBe('700\n750\n');
    await answersPing();
    root.ok(`sed -i 's/^log_level: info/log_level: debug/' ${CONFIG}`);
    expect(root.ok(`${dir}/install.sh`)).toContain(`${CONFIG}.new`);
    expect(root.ok(`cat ${CONFIG}`)).toMatch(/^log_level: debug/m);
    root.ok('/usr/lib/limiquantix/uninstall.sh');
    expect(root.ok(`cat ${CONFIG}`)).toMatch(/^log_level: debug/m);
    expect(root.sh('ls /usr/lib/limiquantix /usr/bin/limiquantix-agent').stdout).toBe('');
    root.ok(`${dir}/install.sh; /usr/lib/limiquantix/uninstall.sh --purge`);
    expect(root.sh('ls -d /etc/limiquantix /var/l*/limiquantix').stdout).toBe('');
  });

  it('goes into the root of an image without starting anything, with a log file for OpenRC', () => {
    const dir = unpack();
    const told = recordSystemctl();
    root.ok(`mkdir -p /image/sbin; touch /image/sbin/openrc-run; DESTDIR=/image ${dir}/install.sh`);
    expect(told()).toEqual([]);
    expect(root.ok(`cat /image${CONFIG}`)).toMatch(
      /^log_file: \/var\/log\/limiquantix\/agent\.log/m,
    );
    expect(root.ok('ls /image/etc/init.d')).toBe('limiquantix-agent\n');
    root.ok('DESTDIR=/image /image/usr/lib/limiquantix/uninstall.sh --purge');
    expect(root.ok('find /image -name "*limiquantix*"')).toBe('');
  });
});
