import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Thaw, timestampMs } from '@limiquantix/plugin-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Writer, whyNoMounts, writing } from '../../../test/support/mounts.ts';
import { labForEach, quiesce } from './plugin.ts';

const why = whyNoMounts();
const lab = labForEach();

describe.skipIf(why)(`no freeze lasts ${why}`, () => {
  let data: string;
  let written: Writer[];
  beforeEach(async () => {
    data = lab.mounts.make('ext4', 'data');
    written = await lab.mounts.writersOn(data);
  });

  it('it ends by itself at its time limit, and later thaws are told so', async () => {
    const host = await lab.plugin.start();
    const [asked, askedAt] = [performance.now(), Date.now()];
    const { autoThawAt } = await quiesce(host, { mountPoints: [data], timeoutSeconds: 2 });
    const [answered, answeredAt] = [performance.now(), Date.now()];
    const thawAt = autoThawAt ? timestampMs(autoThawAt) : 0;
    expect(thawAt).toBeGreaterThanOrEqual(askedAt + 2000);
    expect(thawAt).toBeLessThanOrEqual(answeredAt + 2000);
    const { count } = written[0] as Writer;
    await expect
      .poll(() => written[0]?.count, { interval: 5, timeout: 5000 })
      .toBeGreaterThan(count + 1);
    const thawed = performance.now();
    expect(thawed - asked).toBeGreaterThan(1990);
    expect(thawed - answered).toBeLessThan(4000);
    await expect.poll(() => existsSync(lab.plugin.stateFile)).toBe(false);
    await expect(host.call(Thaw, {})).rejects.toMatchObject({
      code: 5008,
      message: expect.stringContaining('by themselves: the time limit of 2 s was over'),
    });
  });

  it('its timer does not reach the next one', async () => {
    const host = await lab.plugin.start();
    await quiesce(host, { mountPoints: [data], timeoutSeconds: 3 });
    await host.call(Thaw, {});
    await quiesce(host, { mountPoints: [data], timeoutSeconds: 60 });
    await pause(3500);
    expect(await writing(written)).toEqual([false]);
    await host.call(Thaw, {});
  });

  it('the setting bounds what a host may ask for', async () => {
    const host = await lab.plugin.start({ max_timeout_secs: 5 });
    for (const timeoutSeconds of [0, 4_294_967_295]) {
      const { autoThawAt } = await quiesce(host, { mountPoints: [data], timeoutSeconds });
      expect(autoThawAt && timestampMs(autoThawAt) - Date.now()).toBeLessThanOrEqual(5000);
      await host.call(Thaw, {});
    }
  });

  it('with some thawed, the rest ends at the limit', async () => {
    const other = lab.mounts.make('ext4', 'other');
    written.push(...(await lab.mounts.writersOn(other)));
    const host = await lab.plugin.start();
    await quiesce(host, { mountPoints: [data, other], timeoutSeconds: 8 });
    await host.call(Thaw, { mountPoints: [other] });
    expect(await writing(written)).toEqual([false, true]);
    await expect.poll(() => writing(written)).toEqual([true, true]);
  });

  it('when its guard is killed it is thawed at once', async () => {
    const host = await lab.plugin.start();
    await quiesce(host, { mountPoints: [data] });
    const guard = lab.plugin.processes();
    expect(guard.length).toBeGreaterThan(1);
    for (const pid of guard) process.kill(pid, 'SIGKILL');
    await expect.poll(() => writing(written)).toEqual([true]);
    await expect(host.call(Thaw, {})).rejects.toMatchObject({
      code: 5008,
      message: expect.stringContaining('the process that guards them ended'),
    });
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'when any one process of its guard gets %s it still ends',
    async (signal) => {
      const host = await lab.plugin.start();
      await quiesce(host, { mountPoints: [data], timeoutSeconds: 60 });
      const count = lab.plugin.processes().length;
      await host.call(Thaw, {});
      for (let i = 0; i < count; i++) {
        await quiesce(host, { mountPoints: [data], timeoutSeconds: 2 });
        process.kill(lab.plugin.processes()[i] as number, signal);
        await expect.poll(() => existsSync(lab.plugin.stateFile)).toBe(false);
        expect(await writing(written)).toEqual([true]);
      }
    },
  );

  it('the guard is out of reach of signals to the agent’s process group', async () => {
    const host = await lab.plugin.start();
    await quiesce(host, { mountPoints: [data] });
    const groupOf = (pid: number) =>
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
    const own = groupOf(process.pid);
    for (const pid of lab.plugin.processes()) expect(groupOf(pid)).not.toBe(own);
    await host.call(Thaw, {});
  });

  it('a plugin that stops thaws', async () => {
    const host = await lab.plugin.start();
    await quiesce(host, { mountPoints: [data] });
    await host.hooks.stopping.promise();
    expect(await writing(written)).toEqual([true]);
  });
});
