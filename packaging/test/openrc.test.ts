import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { AgentClient } from '@limiquantix/agent-client';
import { Execute, ListServices, Ping } from '@limiquantix/agent-proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Packages, VERSION, whyNot } from './build.ts';
import { OverlayRoot, whyNoRoot } from './overlay-root.ts';

const TAR = `limiquantix-agent-${VERSION}-linux-x86_64.tar.gz`;
const CONFIG = '/etc/limiquantix/agent.yaml';
const LOG = '/var/log/limiquantix/agent.log';
const SERVICE = 'rc-service limiquantix-agent';
const LIMIT_MS = 20_000;
/**
 * What OpenRC leaves of a boot, some time ago: it compares whole seconds. The services that are
 * installed here are not for a test to start.
 */
const BOOT = `
  rm -rf /etc/runlevels/*/*
  echo default >/run/openrc/softlevel
  rc-status --servicelist
  touch -d '1 minute ago' /run/openrc/deptree`;

const reason = whyNoRoot() || whyNot('openrc-run', 'supervise-daemon');
describe.skipIf(reason)(`the tarball, where OpenRC is installed ${reason}`, () => {
  let packages: Packages;
  let root: OverlayRoot;
  let scripts: string;
  beforeAll(async () => {
    packages = new Packages();
    packages.build('tar', 'amd64');
    root = await OverlayRoot.start();
    cpSync(process.execPath, join(root.root, 'usr/local/bin/node'));
    cpSync(packages.path(TAR), join(root.shared, 'agent.tar.gz'));
    root.ok('mkdir /run/openrc; cd /shared; tar -xzf agent.tar.gz');
    scripts = root.ok('ls -d /shared/limiquantix-agent-*/').trim();
  }, 120_000);
  afterAll(() => {
    root.sh(`${SERVICE} --ifexists stop`);
    root.stop();
    packages.remove();
  });

  /** Of the agent in there, among whatever agents run on this machine; undefined: none runs. */
  function agentPid(): number | undefined {
    const list = `
      for exe in /proc/[0-9]*/exe; do
        [ ! "$exe" -ef /usr/local/bin/node ] || echo "$exe"
      done`;
    const found = root.ok(list).match(/\d+/g) ?? [];
    if (found.length > 1) throw new Error(`more than one agent: ${found}`);
    return found[0] === undefined ? undefined : Number(found[0]);
  }

  async function asHost<T>(ask: (client: AgentClient) => Promise<T>): Promise<T> {
    const client = new AgentClient({ path: join(root.shared, 'agent.sock') });
    try {
      await expect.poll(() => client.state, { timeout: LIMIT_MS }).toBe('connected');
      return await ask(client);
    } finally {
      await client.close();
    }
  }

  const log = () => root.ok(`cat ${LOG}`);

  it('starts nothing where another manager of services has booted', () => {
    root.ok(`${scripts}/install.sh`);
    expect(root.ok('rc-update show default')).toContain('limiquantix-agent');
    expect(agentPid()).toBeUndefined();
    root.ok('/usr/lib/limiquantix/uninstall.sh --purge');
  });

  it('is started by its installation, and at every boot', () => {
    root.ok(BOOT);
    root.ok(`${scripts}/install.sh`);
    expect(root.ok('rc-update show default')).toContain('limiquantix-agent');
    expect(root.ok(`${SERVICE} status`)).toContain('started');
    expect(agentPid()).toBeGreaterThan(1);
  });

  it('is restarted with another configuration, and serves its host', async () => {
    root.ok(`sed -i 's|^device_path: auto|device_path: unix:/shared/agent.sock|' ${CONFIG}`);
    root.ok(`${SERVICE} restart`);
    const { services, command } = await asHost(async (client) => ({
      ping: await client.call(Ping, {}),
      services: (await client.call(ListServices, { filter: 'limiquantix' })).services,
      command: await client.call(Execute, { command: 'ulimit -S -c' }),
    }));
    expect(services).toMatchObject([{ name: 'limiquantix-agent', pid: agentPid() }]);
    expect(Buffer.from(command.stdout).toString()).toBe('0\n');
  });

  it('writes a log file, and reads its configuration again', async () => {
    const pid = agentPid();
    expect(log()).not.toContain('configuration read again');
    root.ok(`${SERVICE} reload`);
    await expect.poll(log, { timeout: LIMIT_MS }).toContain('configuration read again');
    expect(agentPid()).toBe(pid);
  });

  it('comes back when it was killed', async () => {
    const killed = agentPid();
    root.ok(`kill -KILL ${killed}`);
    await expect.poll(agentPid, { timeout: LIMIT_MS }).not.toBeOneOf([killed, undefined]);
    await asHost((client) => client.call(Ping, {}));
  });

  it('is upgraded by a host through the agent, which is restarted when the command is over', async () => {
    const before = agentPid();
    const answer = await asHost((client) =>
      client.call(Execute, { command: `${scripts}/install.sh`, timeoutSeconds: 60 }),
    );
    expect(answer).toMatchObject({ exitCode: 0, timedOut: false });
    await expect.poll(agentPid, { timeout: LIMIT_MS }).not.toBeOneOf([before, undefined]);
    await asHost((client) => client.call(Ping, {}));
  });

  it('is stopped and removed by its uninstaller', () => {
    root.ok('/usr/lib/limiquantix/uninstall.sh --purge');
    expect(agentPid()).toBeUndefined();
    expect(root.ok('rc-update show default')).not.toContain('limiquantix-agent');
    const left = 'find /etc /usr/bin /usr/lib/limiquantix /var -name "*limiquantix*" 2>/dev/null';
    expect(root.sh(left).stdout).toBe('');
    expect(existsSync(join(root.shared, 'agent.sock'))).toBe(false);
  });
});
