import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  Execute,
  FileWrite,
  GetCapabilities,
  Ping,
  PluginControl,
  Quiesce,
  Thaw,
} from '@limiquantix/agent-proto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess } from '../support/agent-process.ts';
import { contentOf, FreezingGuest } from '../support/freezing-guest.ts';
import { GuestRoot, whyNoGuestRoot } from '../support/guest-root.ts';
import { writing } from '../support/mounts.ts';

// Agents without mount points freeze all that they can see: every one here runs in a guest.
const why = whyNoGuestRoot();
describe.skipIf(why)(`quiesce ${why}`, () => {
  const lab = new FreezingGuest();
  beforeAll(() => lab.open(), 60_000);
  afterAll(() => lab.close());
  afterEach(() => lab.thaw());

  it('is announced', async () => {
    const [, client] = await lab.start();
    const { capabilities, features } = await client.call(GetCapabilities, {});
    expect(capabilities).toEqual(expect.arrayContaining(['quiesce', 'thaw']));
    expect(features).toMatchObject({ fsfreeze: 'true' });
  });

  it('freezes every writable local filesystem, each once, and thaws all', async () => {
    const { mounts } = lab.guest;
    const data = mounts.make('xfs', 'data');
    const nested = mounts.makeInside(data, 'nested');
    mounts.mount('bound', '--bind', data);
    mounts.mount('memory', '-t', 'tmpfs', 'tmpfs');
    const spaced = mounts.make('ext4', 'a b');
    mounts.make('ext4', 'read-only', '-o', 'ro');
    const [, client] = await lab.start();
    const all = ['/', data, nested, spaced];
    const written = await mounts.writersOn(...all);
    const { frozen } = await client.call(Quiesce, {});
    expect(frozen.map((row) => [row.mountPoint, row.frozen, row.error])).toEqual([
      [spaced, true, ''],
      [nested, true, ''],
      [data, true, ''],
      ['/', true, ''],
    ]);
    expect(await writing(written)).toEqual([false, false, false, false]);
    const { thawedMountPoints } = await client.call(Thaw, {});
    expect(thawedMountPoints.toSorted()).toEqual(all.sort());
    expect(await writing(written)).toEqual([true, true, true, true]);
  });

  it('answers at once while its own root and log file are frozen, and does no file I/O', async () => {
    const logFile = '/var/log/agent.log';
    const [agent, client] = await lab.start({
      config: `log_file: ${logFile}\nlog_level: debug\n`,
      logFile,
    });
    await client.call(FileWrite, { path: '/var/before', data: Buffer.from('x') });
    const { frozen } = await client.call(Quiesce, {});
    expect(frozen.map(({ mountPoint }) => mountPoint)).toEqual(['/']);
    const before = agent.log;
    let slowest = 0;
    const waiting: string[][] = [];
    for (let i = 0; i < 40; i++) {
      for (const ask of [() => client.call(Ping, {}), () => client.call(GetCapabilities, {})]) {
        const asked = performance.now();
        await ask();
        slowest = Math.max(slowest, performance.now() - asked);
      }
      waiting.push(waitingThreads(agent.pid));
      await pause(25);
    }
    // Ten milliseconds here; what waits for the disk would wait until the thaw.
    expect(slowest).toBeLessThan(1000);
    // A page that is read in takes its time too, but not all of it.
    const last = waiting.slice(-10);
    expect(last[0]?.filter((thread) => last.every((some) => some.includes(thread)))).toEqual([]);
    const refused = await Promise.allSettled([
      client.call(Execute, { command: 'true' }),
      client.call(FileWrite, { path: '/var/x' }),
      client.call(PluginControl, { name: 'quiesce' }),
      client.call(Quiesce, {}),
    ]);
    for (const outcome of refused) expect(outcome).toMatchObject({ reason: { code: 5007 } });
    expect(agent.log).toBe(before);
    await client.call(Thaw, {});
    await agent.waitForLog('filesystems frozen');
    await agent.waitForLog('QXGA-5007');
    await client.call(FileWrite, { path: '/var/after', data: Buffer.from('x') });
  });

  it('refuses file operations, or has carried them out before it freezes', async () => {
    const [, client] = await lab.start();
    const answers: unknown[] = [];
    let go = true;
    // Fewer than an agent takes at a time, however slow the disk is.
    const lanes = Array.from({ length: 16 }, async (_, lane) => {
      while (go) {
        const write = client.call(FileWrite, { path: `/var/f${lane}`, data: Buffer.alloc(4096) });
        answers.push(await write.catch((error) => error));
        await pause(1);
      }
    });
    await expect.poll(() => answers.length).toBeGreaterThan(50);
    await client.call(Quiesce, {});
    go = false;
    // What the freeze had caught would be answered after the thaw.
    await Promise.all(lanes);
    await client.call(Thaw, {});
    const failed = answers.filter((answer) => answer instanceof Error);
    for (const error of failed) expect(error).toMatchObject({ code: 5007 });
    expect(failed.length).toBeLessThan(answers.length);
  });

  describe('beside an upload to a disk that does not answer', () => {
    /** More of them than there are threads for file operations. */
    const CHUNKS = 8;
    const uploading = async () => {
      const disk = lab.guest.mounts.make('ext4', 'slow');
      const [agent, client] = await lab.start();
      lab.guest.mounts.run('fsfreeze', '--freeze', disk);
      const answers: unknown[] = [];
      const chunks = Array.from({ length: CHUNKS }, async (_, i) => {
        const chunk = { offset: BigInt(i * 4096), data: Buffer.alloc(4096) };
        const write = client.call(FileWrite, { path: `${disk}/upload`, ...chunk });
        answers.push(await write.catch((error) => error));
      });
      await expect.poll(() => waitingThreads(agent.pid).length).toBeGreaterThan(0);
      const release = () => lab.guest.mounts.run('fsfreeze', '--unfreeze', disk);
      return {
        client,
        answers,
        release,
        async [Symbol.asyncDispose]() {
          if (answers.length === 0) release();
          await Promise.all(chunks);
        },
      };
    };

    it('waits for the chunks that are under way', async () => {
      await using upload = await uploading();
      const { client, answers, release } = upload;
      const written = await lab.guest.mounts.writersOn('/');
      const before = client.call(Quiesce, { mountPoints: ['/'] }).then(() => [...answers]);
      await pause(500);
      expect(await writing(written)).toEqual([true]);
      release();
      expect(await before).toEqual(Array(CHUNKS).fill(expect.objectContaining({ success: true })));
      expect(await writing(written)).toEqual([false]);
      await client.call(Thaw, {});
    });

    it('waits no longer than two seconds, and can be thawed', async () => {
      await using upload = await uploading();
      const { client, answers } = upload;
      const written = await lab.guest.mounts.writersOn('/');
      await client.call(Quiesce, { mountPoints: ['/'] });
      expect(await writing(written)).toEqual([false]);
      await client.call(Ping, {});
      await client.call(Thaw, {});
      expect(await writing(written)).toEqual([true]);
      expect(answers).toEqual([]);
    });
  });

  it('serves everything again after the time limit', async () => {
    const [, client] = await lab.start();
    await client.call(Quiesce, { timeoutSeconds: 3 });
    const write = () =>
      client.call(FileWrite, { path: '/var/x' }).then(
        () => 'written',
        ({ code }) => code,
      );
    expect(await write()).toBe(5007);
    await expect.poll(write).toBe('written');
  });

  it('is thawed by a configuration that is read again', async () => {
    const { config, ran } = lab.scripts();
    const [agent, client] = await lab.start({ config });
    const written = await lab.guest.mounts.writersOn('/');
    await client.call(Quiesce, {});
    agent.configure(`${config}plugins:\n  quiesce:\n    max_timeout_secs: 5\n`);
    agent.signal('SIGHUP');
    await agent.waitForLog('configuration read again');
    expect(await writing(written)).toEqual([true]);
    expect(ran()).toEqual(['pre_freeze', 'post_thaw']);
    await client.call(Quiesce, { skipScripts: true });
    await client.call(Thaw, {});
  });

  it('freezes nothing without the tool that thaws', async () => {
    const { config, ran } = lab.scripts();
    const [, client] = await lab.start({ config });
    const written = await lab.guest.mounts.writersOn('/');
    const tool = `${lab.guest.root}/usr/sbin/fsfreeze`;
    renameSync(tool, `${tool}.away`);
    try {
      await expect(client.call(Quiesce, {})).rejects.toMatchObject({
        code: 5005,
        message: expect.stringContaining('fsfreeze is not installed'),
      });
    } finally {
      renameSync(`${tool}.away`, tool);
    }
    expect(await writing(written)).toEqual([true]);
    expect(ran()).toEqual(['pre_freeze', 'post_thaw']);
  });

  it('can be thawed in the minimal profile', async () => {
    const [, client] = await lab.start({ config: 'no_such_key: 1\n' });
    await expect(client.call(Quiesce, {})).rejects.toMatchObject({ code: 9002 });
    await expect(client.call(Thaw, {})).rejects.toMatchObject({ code: 5008 });
  });
});

const whyNoBusybox = whyNoGuestRoot('busybox');
it.skipIf(whyNoBusybox)(
  `works with the tools of busybox ${whyNoBusybox}`,
  { timeout: 60_000 },
  async () => {
    const guest = await GuestRoot.start('busybox');
    const agent = await AgentProcess.start({ place: guest });
    try {
      const client = await agent.client();
      const data = guest.mounts.make('ext4', 'data');
      const written = await guest.mounts.writersOn('/', data);
      await client.call(Quiesce, {});
      expect(await writing(written)).toEqual([false, false]);
      const { thawedMountPoints } = await client.call(Thaw, {});
      expect(thawedMountPoints.toSorted()).toEqual(['/', data]);
      expect(await writing(written)).toEqual([true, true]);
      await client.call(Quiesce, { timeoutSeconds: 1 });
      await expect.poll(() => writing(written)).toEqual([true, true]);
      await client.call(Quiesce, {});
      agent.signal('SIGKILL');
      await expect.poll(() => writing(written)).toEqual([true, true]);
    } finally {
      await agent.stop();
      await guest.stop();
    }
  },
);

/** Threads that wait in the kernel for what signals do not end, such as a thaw. */
function waitingThreads(pid: number): string[] {
  const waits = (thread: string) =>
    /^\d+ \(.*\) D/.test(contentOf(join(`/proc/${pid}/task`, thread, 'stat')));
  return readdirSync(`/proc/${pid}/task`).filter(waits);
}
