import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawHost } from '../support/raw-host.ts';
import { PACKAGE_IN_GUEST } from './machine/snapshot.ts';
import { type Guest, restoreGuest } from './support/guest.ts';

const UNIT = 'limiquantix-agent.service';
const PORT = '/dev/virtio-ports/org.limiquantix.agent.0';
const CONFIG = '/etc/limiquantix/agent.yaml';
const WITHIN = { timeout: 60_000, interval: 250 };

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest();
});
afterAll(() => guest?.stop());

/** A property of the unit, as systemd shows it. */
const property = (name: string) => guest.ok(`systemctl show --value -p ${name} ${UNIT}`);

const isActive = async () => (await guest.run(`systemctl is-active ${UNIT}`)).stdout.trim();

async function answersItsHost(): Promise<void> {
  const connected = async () => (await guest.rest('POST', '/ping')).body.connected;
  await expect.poll(connected, WITHIN).toBe(true);
}

describe('the service', () => {
  it('is enabled, says when it is ready, and is watched', async () => {
    expect(await guest.ok(`systemctl is-enabled ${UNIT}`)).toBe('enabled');
    expect(await isActive()).toBe('active');
    expect(await property('Type')).toBe('notify');
    expect(await property('WatchdogUSec')).toBe('3min');
    expect(await property('StatusText')).toMatch(/^version \d/);
  });

  it('logs to the journal', async () => {
    const log = await guest.agentLog();
    expect(log).toContain('"message":"agent starting"');
    expect(log).toContain(`"device":"${PORT}"`);
  });

  it('runs what the host asks for, as root', async () => {
    const { status, body } = await guest.rest('POST', '/execute', { command: 'id -un' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ exit_code: 0, stdout: 'root\n' });
  });

  it('greets a host that comes', async () => {
    await guest.stopGateway();
    const host = await RawHost.connect(guest.socketPath);
    try {
      await host.greeted(WITHIN.timeout);
    } finally {
      host.close();
      await guest.startGateway();
    }
  });

  it('is back after a restart', async () => {
    const before = await property('MainPID');
    await guest.ok(`systemctl restart ${UNIT}`, WITHIN.timeout);
    expect(await property('MainPID')).not.toBe(before);
    await answersItsHost();
  });

  it('is back after it was killed', async () => {
    await guest.ok(`systemctl kill --kill-whom=main --signal=KILL ${UNIT}`);
    await expect.poll(() => property('NRestarts'), WITHIN).toBe('1');
    await answersItsHost();
  });
});

describe('the port', () => {
  const unplug = async () => {
    const since = guest.events.seen.length;
    await guest.qmp('device_del', { id: 'agent' });
    await guest.events.waitFor('DEVICE_DELETED', { since });
  };
  const plug = async () => {
    const port = { driver: 'virtserialport', chardev: 'agent', name: 'org.limiquantix.agent.0' };
    await guest.qmp('device_add', { ...port, id: 'agent' });
    await expect.poll(async () => (await guest.run(`test -e ${PORT}`)).status, WITHIN).toBe(0);
  };

  it('can be opened by root alone', async () => {
    expect(await guest.ok(`stat -L -c '%a %U %G' ${PORT}`)).toBe('600 root root');
  });

  it('is used again after it was unplugged from a running agent', async () => {
    await unplug();
    await plug();
    await answersItsHost();
    expect(await guest.ok(`stat -L -c '%a %U %G' ${PORT}`)).toBe('600 root root');
  });

  it('starts the agent when it is plugged in', async () => {
    await guest.ok(`systemctl stop ${UNIT}`);
    await unplug();
    await plug();
    await expect.poll(isActive, WITHIN).toBe('active');
    await answersItsHost();
  });

  it('does not start an agent that was disabled', async () => {
    await guest.ok(`systemctl disable --now ${UNIT}`);
    await unplug();
    await plug();
    await guest.ok('udevadm settle');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(await isActive()).toBe('inactive');
    await guest.ok(`systemctl enable --now ${UNIT}`, WITHIN.timeout);
    await answersItsHost();
  });
});

describe('the package', () => {
  it('keeps an edited configuration through an upgrade, and runs anew', async () => {
    await guest.ok(`sed -i 's/^log_level: info/log_level: debug/' ${CONFIG}`);
    const before = await property('MainPID');
    await guest.ok(`dpkg -i ${PACKAGE_IN_GUEST}`, 240_000);
    expect(await guest.ok(`grep ^log_level ${CONFIG}`)).toMatch(/^log_level: debug/);
    expect(await property('MainPID')).not.toBe(before);
    await answersItsHost();
    expect(await guest.ok('limiquantix-agent --check-config')).toBe(`${CONFIG}: ok`);
  });

  it('stops the service when it is removed, and leaves configuration and state', async () => {
    await guest.ok('echo kept >/var/lib/limiquantix/state');
    await guest.ok('dpkg --remove limiquantix-guest-agent', WITHIN.timeout);
    expect(await isActive()).toBe('inactive');
    expect((await guest.run('pgrep -f limiquantix-agent.cjs')).stdout).toBe('');
    expect(await guest.ok(`ls ${CONFIG}; cat /var/lib/limiquantix/state`)).toContain('kept');
    expect((await guest.rest('POST', '/ping')).body).toMatchObject({ connected: false });
  });

  it('leaves nothing when it is purged', async () => {
    await guest.ok('dpkg --purge limiquantix-guest-agent', WITHIN.timeout);
    const left = 'ls -d /etc/limiquantix /usr/lib/limiquantix /var/lib/limiquantix 2>/dev/null';
    expect((await guest.run(left)).stdout).toBe('');
    expect((await guest.run(`systemctl cat ${UNIT}`)).status).not.toBe(0);
  });
});
