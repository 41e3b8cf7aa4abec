import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_IN_GUEST } from './machine/snapshot.ts';
import { type Guest, restoreGuest } from './support/guest.ts';
import { Writers } from './support/writers.ts';

const UNIT = 'limiquantix-agent.service';
const THAWED = '/run/thawed';
/** What nobody waits for: each freeze ends in another way than by its time. */
const LONG = 120;
/** For that, by a machine that is busy and a guest that is slow. */
const SOON_MS = 30_000;
/** dpkg unpacks 111 MB: 25 s where nothing else goes on. */
const UPGRADE_MS = 180_000;

describe('a freeze that its host does not end', () => {
  let guest: Guest;
  let writers: Writers;
  beforeAll(async () => {
    guest = await restoreGuest();
    await guest.ok(`mkdir -p /etc/limiquantix/post-thaw.d; cd /etc/limiquantix/post-thaw.d
printf '#!/bin/sh\\necho once >>${THAWED}\\n' >app; chmod 755 app`);
    writers = await Writers.start(guest);
  });
  afterAll(() => guest?.stop());
  beforeEach(() => guest.ok(`rm -f ${THAWED}`));

  const freeze = async (timeout_seconds: number) => {
    const { status, body } = await guest.rest('POST', '/quiesce', { timeout_seconds });
    expect({ status, body }).toMatchObject({ status: 200, body: { success: true } });
    await writers.expectToStandStill();
  };

  /** Nothing is frozen, the agent answers, and the scripts ran once. */
  const expectToBeOver = async (why: RegExp) => {
    await expect
      .poll(async () => (await guest.rest('POST', '/ping')).body.connected, { timeout: SOON_MS })
      .toBe(true);
    await expect
      .poll(async () => (await guest.rest('POST', '/thaw')).body, { timeout: SOON_MS })
      .toMatchObject({ code: 'QXGA-5008', detail: expect.stringMatching(why) });
    for (const mountPoint of ['/', '/data']) {
      expect((await guest.run(`fsfreeze --unfreeze ${mountPoint}`)).stdout).toMatch(
        /Invalid argument/,
      );
    }
    await expect.poll(() => guest.ok(`cat ${THAWED}`), { timeout: SOON_MS }).toBe('once');
    const { status } = await guest.rest('POST', '/files/write', { path: '/data/x', content: '' });
    expect(status).toBe(200);
  };

  it('ends by itself when its time is over, and a thaw after that says so', async () => {
    await freeze(6);
    await writers.expectToWrite();
    await expectToBeOver(/time limit of 6 s was over/);
  });

  it('ends when the agent is killed, which systemd starts again', async () => {
    await freeze(LONG);
    const pid = await guest.ok(`systemctl show -P MainPID ${UNIT}`);
    await guest.ok(`kill -9 ${pid}`);
    const ms = await writers.expectToWrite(SOON_MS);
    console.log(`writing again ${(ms / 1000).toFixed(1)} s after the agent was killed`);
    await expectToBeOver(/since the agent started|started again/);
    expect(await guest.ok(`systemctl show -P MainPID ${UNIT}`)).not.toBe(pid);
    expect(await guest.ok(`systemctl show -P NRestarts ${UNIT}`)).toBe('1');
  });

  it('ends when the agent is restarted', async () => {
    await freeze(LONG);
    await guest.ok(`systemctl restart ${UNIT}`);
    await writers.expectToWrite(SOON_MS);
    await expectToBeOver(/since the agent started|started again/);
  });

  it(
    'holds up an upgrade of the agent, which is whole once the time is over',
    async () => {
      const upgrade = `dpkg -i ${PACKAGE_IN_GUEST} >/run/upgrade.log 2>&1; echo $? >/run/upgrade`;
      await guest.ok(`setsid sh -c '${upgrade}' </dev/null >/dev/null 2>&1 &`);
      await expect
        .poll(() => guest.ok('cat /run/upgrade.log'), { timeout: SOON_MS })
        .toContain('Unpacking');
      await freeze(6);
      expect((await guest.run('cat /run/upgrade')).status).not.toBe(0);
      await writers.expectToWrite();
      await expect
        .poll(async () => (await guest.run('cat /run/upgrade')).stdout, { timeout: UPGRADE_MS })
        .toBe('0\n');
      await expectToBeOver(/./);
      expect(await guest.ok('dpkg --audit')).toBe('');
      // The image has no manuals.
      const verify = "dpkg --verify limiquantix-guest-agent | sed '\\:/usr/share/:d'";
      expect(await guest.ok(verify)).toBe('');
    },
    UPGRADE_MS + 60_000,
  );
});
