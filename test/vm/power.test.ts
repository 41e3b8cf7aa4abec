import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStream } from './support/event-stream.ts';
import { type Guest, restoreGuest } from './support/guest.ts';
import { OfflineDisk } from './support/offline-disk.ts';

describe('the power of a guest', () => {
  let guest: Guest;
  let told: EventStream;
  beforeAll(async () => {
    guest = await restoreGuest();
    told = await EventStream.open(guest);
  });
  afterAll(() => guest?.stop());

  const bootId = () => guest.ok('cat /proc/sys/kernel/random/boot_id');
  const systemState = async () =>
    (await guest.run('systemctl is-system-running --wait')).stdout.trim();

  it('stays on where a shutdown that was accepted is called off before it is due', async () => {
    const before = await bootId();
    const { status, body } = await guest.rest('POST', '/shutdown', {
      type: 'poweroff',
      delay_seconds: 4,
    });
    expect({ status, body }).toMatchObject({ status: 200, body: { accepted: true } });
    await guest.rest('POST', '/plugins/lifecycle/control', { action: 'reload' });
    await expect
      .poll(() => told.of('error'), { timeout: 20_000 })
      .toMatchObject([{ code: 'QXGA-5001' }]);
    await new Promise((resolve) => setTimeout(resolve, 6000));
    expect(guest.events.seen.map(({ event }) => event)).not.toContain('SHUTDOWN');
    expect(await guest.ok('systemctl list-jobs --no-legend')).toBe('');
    expect(await bootId()).toBe(before);
  });

  it('is cycled by a reboot, after the answer and not before it is due; the agent comes back', async () => {
    const before = await bootId();
    const greetings = told.of('agent_ready').length;
    const asked = performance.now();
    const { status, body } = await guest.rest('POST', '/shutdown', {
      type: 'reboot',
      delay_seconds: 2,
      message: 'a new kernel',
    });
    expect({ status, body }).toMatchObject({ status: 200, body: { accepted: true } });
    expect(guest.events.seen.map(({ event }) => event)).not.toContain('RESET');
    await guest.events.waitFor('RESET');
    const resetAfter = performance.now() - asked;
    expect(resetAfter).toBeGreaterThan(2000);
    await expect
      .poll(() => told.of('agent_ready')[greetings], { timeout: 120_000, interval: 100 })
      .toMatchObject({ hostname: 'guest' });
    console.log(
      `RESET ${(resetAfter / 1000).toFixed(1)} s after the request, ` +
        `AgentReady after ${((performance.now() - asked) / 1000).toFixed(1)} s`,
    );
    await guest.machine.shell.ready();
    expect(await bootId()).not.toBe(before);
    expect((await guest.rest('POST', '/ping')).body).toMatchObject({ connected: true });
    const { body: command } = await guest.rest('POST', '/execute', { command: 'uname' });
    expect(command).toMatchObject({ exit_code: 0, stdout: 'Linux\n' });
  });

  it('leaves a system after the reboot in which nothing failed, and the reason in its log', async () => {
    expect(await systemState()).toBe('running');
    expect(await guest.ok('systemctl show -P NRestarts limiquantix-agent')).toBe('0');
    const log = await guest.ok('journalctl --no-pager -o cat -b -1 | tail -n 300');
    expect(log).toContain('"message":"reboot begins"');
    expect(log).toContain('a new kernel');
  });

  it('is switched off by a shutdown, after the answer and with its filesystems clean', async () => {
    await guest.ok('echo kept >/data/last-words');
    const { status, body } = await guest.rest('POST', '/shutdown', { type: 'poweroff' });
    expect({ status, body }).toMatchObject({ status: 200, body: { accepted: true } });
    const { data } = await guest.events.waitFor('SHUTDOWN');
    expect(data).toEqual({ guest: true, reason: 'guest-shutdown' });
    const process = `/proc/${guest.machine.pid}`;
    await expect.poll(() => existsSync(process), { timeout: 10_000 }).toBe(false);
    const disk = new OfflineDisk(guest.machine.places.disk('data'));
    expect(disk.state()).toEqual({ faults: '', needsRecovery: false });
    expect(disk.read('/last-words')).toBe('kept\n');
  });
});
