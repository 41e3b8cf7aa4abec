import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';
import { OfflineDisk } from './support/offline-disk.ts';
import { Writers } from './support/writers.ts';

const LOG = '/var/log/limiquantix/agent.log';
const ORDER = '/run/order';
const CYCLES = 10;

/** A script of the guest's applications, which tells when it ran, and when it ran for a snapshot. */
const script = (path: string) => `
mkdir -p $(dirname ${path})
printf '#!/bin/sh\\necho "$(basename $0) $1" | tee -a ${ORDER} >>/data/marker\\n' >${path}
chmod 755 ${path}`;

describe('a guest that writes to its disks', () => {
  let guest: Guest;
  let writers: Writers;
  beforeAll(async () => {
    guest = await restoreGuest({ gateway: false });
    for (const name of ['pre-freeze.d/10-database', 'pre-freeze.d/20-web']) {
      await guest.ok(script(`/etc/limiquantix/${name}`));
    }
    for (const name of ['post-thaw.d/10-database', 'post-thaw.d/20-web']) {
      await guest.ok(script(`/etc/limiquantix/${name}`));
    }
    await guest.ok(
      `echo 'log_file: ${LOG}' >/etc/limiquantix/agent.yaml; systemctl restart limiquantix-agent`,
    );
    await guest.startGateway();
    writers = await Writers.start(guest);
  });
  afterAll(() => guest?.stop());

  /** Snapshots of both disks at one moment: what they held stays in the files that they have now. */
  const snapshotDisks = () =>
    guest.qmp('transaction', {
      actions: ['root', 'data'].map((device) => ({
        type: 'blockdev-snapshot-sync',
        data: { device, 'snapshot-file': `${guest.machine.places.disk(device)}.next` },
      })),
    });

  it('does not look consistent in a snapshot that nothing was frozen for', async () => {
    const { needsRecovery } = new OfflineDisk(guest.machine.places.disk('data')).state();
    expect(needsRecovery).toBe(true);
  });

  it('stands still from quiesce to thaw, and a snapshot taken meanwhile is consistent', async () => {
    const quiesced = await guest.rest('POST', '/quiesce', { timeout_seconds: 60 });
    expect(quiesced).toMatchObject({ status: 200, body: { success: true } });
    const rows = quiesced.body.frozen as { mount_point: string; frozen: boolean }[];
    expect(rows.map(({ mount_point, frozen }) => [mount_point, frozen])).toEqual([
      ['/data', true],
      ['/', true],
    ]);
    await writers.expectToStandStill();

    expect((await guest.rest('POST', '/ping')).body).toMatchObject({ connected: true });
    for (const [path, body] of [
      ['/execute', { command: 'true' }],
      ['/files/write', { path: '/data/never', content: '' }],
      ['/quiesce', {}],
    ] as const) {
      const { status, body: problem } = await guest.rest('POST', path, body);
      expect({ path, status, code: problem.code }).toEqual({
        path,
        status: 409,
        code: 'QXGA-5007',
      });
    }

    await snapshotDisks();
    const { quiesce_token } = quiesced.body;
    const thawed = await guest.rest('POST', '/thaw', { quiesce_token });
    expect(thawed).toMatchObject({ status: 200, body: { success: true } });
    expect(thawed.body.thawed_mount_points.sort()).toEqual(['/', '/data']);
    expect(thawed.body.frozen_duration_ms).toBeGreaterThan(1000);
    await writers.expectToWrite();
  });

  it('has its scripts run in the order of their names, and back', async () => {
    expect(await guest.ok(`cat ${ORDER}`)).toBe(
      '10-database freeze\n20-web freeze\n20-web thaw\n10-database thaw',
    );
  });

  it('gets what the agent had to say meanwhile into the log on the disk that was frozen', async () => {
    const log = () => guest.ok(`cat ${LOG}`);
    await expect.poll(log, { timeout: 10_000 }).toContain('"message":"filesystems frozen"');
    await expect.poll(log, { timeout: 10_000 }).toContain('the filesystems were thawed');
  });

  it.each(['root', 'data'] as const)('has a clean filesystem on %s in the snapshot', (name) => {
    const disk = new OfflineDisk(guest.machine.places.disk(name));
    expect(disk.state()).toEqual({ faults: '', needsRecovery: false });
    const lines = disk.read(name === 'root' ? '/var/writer/lines' : '/writer/lines').split('\n');
    const count = lines.length - 1;
    expect(count).toBeGreaterThan(0);
    expect(lines).toEqual([...Array.from({ length: count }, (_, n) => String(n + 1)), '']);
    if (name === 'data') expect(disk.read('/marker')).toBe('10-database freeze\n20-web freeze\n');
  });

  it('has the answer of a command at its deadline, although that waits for the frozen disk', async () => {
    let answered = false;
    const command = guest.rest('POST', '/execute', {
      command: 'while :; do echo x >>/data/endless; done',
      timeout_seconds: 8,
    });
    void command.finally(() => {
      answered = true;
    });
    await expect
      .poll(() => guest.run('test -s /data/endless'), { timeout: 4000 })
      .toMatchObject({ status: 0 });
    const quiesced = await guest.rest('POST', '/quiesce', { skip_scripts: true });
    expect(quiesced).toMatchObject({ status: 200 });
    expect(answered).toBe(false);
    const { body } = await command;
    expect(body).toMatchObject({ exit_code: -1, timed_out: true });
    expect(await guest.rest('POST', '/thaw')).toMatchObject({ status: 200 });
    await expect
      .poll(() => guest.run('pgrep -f "[d]ata/endless"'), { timeout: 10_000 })
      .toMatchObject({ status: 1 });
  });

  it(`can be frozen ${CYCLES} times one after the other`, async () => {
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const { status, body } = await guest.rest('POST', '/quiesce', { skip_scripts: true });
      expect({ cycle, status, body }).toMatchObject({ status: 200 });
      const { quiesce_token } = body;
      const thawed = await guest.rest('POST', '/thaw', { quiesce_token });
      expect({ cycle, ...thawed }).toMatchObject({ status: 200, body: { success: true } });
    }
    await writers.expectToWrite();
    expect(await guest.ok('systemctl show -P NRestarts limiquantix-agent')).toBe('0');
  });
});
