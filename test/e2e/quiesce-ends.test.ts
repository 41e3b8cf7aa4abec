import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Quiesce, Thaw } from '@limiquantix/agent-proto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FreezingGuest, STATE } from '../support/freezing-guest.ts';
import { whyNoGuestRoot } from '../support/guest-root.ts';
import { type Writer, writing } from '../support/mounts.ts';

// Agents without mount points freeze all that they can see: every one here runs in a guest.
const why = whyNoGuestRoot();
describe.skipIf(why)(`an agent that ends or hangs while it has frozen the guest ${why}`, () => {
  const lab = new FreezingGuest();
  beforeAll(() => lab.open(), 60_000);
  afterAll(() => lab.close());
  afterEach(() => lab.thaw());

  it('thaws within a second when it is killed; the next agent runs what is left of scripts', async () => {
    const { config, ran } = lab.scripts();
    const [agent, client] = await lab.start({ config });
    const written = await lab.guest.mounts.writersOn('/');
    await client.call(Quiesce, {});
    expect(await writing(written)).toEqual([false]);
    const { count } = written[0] as Writer;
    const killed = performance.now();
    await lab.kill(agent);
    await expect.poll(() => written[0]?.count, { interval: 5 }).toBeGreaterThan(count + 1);
    expect(performance.now() - killed).toBeLessThan(1000);
    expect(ran()).toEqual(['pre_freeze']);
    const [, next] = await lab.start({ config });
    await expect.poll(ran).toEqual(['pre_freeze', 'post_thaw']);
    await expect(next.call(Thaw, {})).rejects.toMatchObject({
      code: 5008,
      message: expect.stringContaining('when the agent was started again'),
    });
    await next.call(Quiesce, { skipScripts: true });
    await next.call(Thaw, {});
    const [third] = await lab.start({ config });
    await third.stop();
    expect(ran()).toEqual(['pre_freeze', 'post_thaw']);
  });

  it('killed in the middle of freezing a disk that hangs, thaws that too when it comes back', async () => {
    const outer = lab.guest.mounts.make('ext4', 'outer');
    const inner = lab.guest.mounts.makeInside(outer, 'inner');
    const [agent, client] = await lab.start();
    const written = await lab.guest.mounts.writersOn('/', inner);
    lab.guest.mounts.run('fsfreeze', '--freeze', outer);
    await lab.guest.mounts.writeThrough(inner);
    const quiesce = client.call(Quiesce, { mountPoints: [inner, '/'] });
    const lost = expect(quiesce).rejects.toThrow();
    await expect.poll(() => lab.guardProcesses().length).toBeGreaterThan(5);
    await pause(200);
    await lab.kill(agent);
    await lost;
    lab.guest.mounts.run('fsfreeze', '--unfreeze', outer);
    await expect.poll(() => writing(written)).toEqual([true, true]);
    // Not only for a moment.
    await pause(300);
    expect(await writing(written)).toEqual([true, true]);
  });

  it('thaws when it is started again, where its guard was killed with it', async () => {
    const { config, ran } = lab.scripts();
    const data = lab.guest.mounts.make('xfs', 'data');
    const [agent, client] = await lab.start({ config });
    const written = await lab.guest.mounts.writersOn('/', data);
    await client.call(Quiesce, {});
    agent.signal('SIGSTOP');
    for (const pid of lab.guardProcesses()) process.kill(pid, 'SIGKILL');
    await lab.kill(agent);
    expect(await writing(written)).toEqual([false, false]);
    const begin = performance.now();
    await lab.start({ config });
    expect(await writing(written)).toEqual([true, true]);
    expect(performance.now() - begin).toBeLessThan(3000);
    await expect.poll(ran).toEqual(['pre_freeze', 'post_thaw']);
    await expect.poll(() => existsSync(lab.guest.root + STATE)).toBe(false);
  });

  it('thaws before anything else when it is told to stop', async () => {
    const logFile = '/var/log/stopped.log';
    const { config, ran } = lab.scripts();
    const [agent, client] = await lab.start({ config: `${config}log_file: ${logFile}\n`, logFile });
    const written = await lab.guest.mounts.writersOn('/');
    await client.call(Quiesce, {});
    const { code, ms } = await agent.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(1000);
    expect(await writing(written)).toEqual([true]);
    expect(agent.log).toContain('agent stopped');
    expect(ran()).toEqual(['pre_freeze', 'post_thaw']);
    expect(existsSync(lab.guest.root + STATE)).toBe(false);
  });

  it('is thawed at the time limit although it hangs, and finds its way back', async () => {
    const [agent, client] = await lab.start();
    const written = await lab.guest.mounts.writersOn('/');
    const asked = performance.now();
    await client.call(Quiesce, { timeoutSeconds: 2 });
    const answered = performance.now();
    agent.signal('SIGSTOP');
    const { count } = written[0] as Writer;
    const limit = { interval: 5, timeout: 5000 };
    await expect.poll(() => written[0]?.count, limit).toBeGreaterThan(count + 1);
    const thawed = performance.now();
    expect(thawed - asked).toBeGreaterThan(1990);
    expect(thawed - answered).toBeLessThan(4000);
    agent.signal('SIGCONT');
    await expect(client.call(Thaw, {})).rejects.toMatchObject({
      code: 5008,
      message: expect.stringContaining('the time limit of 2 s was over'),
    });
    await client.call(Quiesce, {});
    await client.call(Thaw, {});
  });
});
