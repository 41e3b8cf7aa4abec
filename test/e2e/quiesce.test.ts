import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { AgentClient } from '@limiquantix/agent-client';
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
import { type AgentOptions, AgentProcess } from '../support/agent-process.ts';
import { GuestRoot, whyNoGuestRoot } from '../support/guest-root.ts';
import { type Writer, writing } from '../support/mounts.ts';

const STATE = '/run/limiquantix/quiesce.json';

// Agents without mount points freeze all that they can see: every one here runs in a guest.
const why = whyNoGuestRoot();
describe.skipIf(why)(`quiesce ${why}`, () => {
  let guest: GuestRoot;
  let agents: AgentProcess[] = [];
  beforeAll(async () => {
    guest = await GuestRoot.start();
  }, 60_000);
  afterAll(() => guest?.stop());
  afterEach(async () => {
    for (const agent of agents) await agent.stop();
    agents = [];
    guest.thawRoot();
    await guest.mounts.cleanUp();
    rmSync(guest.root + STATE, { force: true });
  });

  async function start(options: AgentOptions = {}): Promise<[AgentProcess, AgentClient]> {
    const agent = await AgentProcess.start({ ...options, place: guest });
    agents.push(agent);
    return [agent, await agent.client()];
  }

  async function kill(agent: AgentProcess): Promise<void> {
    agent.signal('SIGKILL');
    await agent.ended;
  }

  /** A directory for scripts in the guest, with one that notes that it ran. */
  function scripts(): { readonly config: string; readonly ran: () => string[] } {
    const config = ['pre_freeze', 'post_thaw'].map((when) => {
      const dir = `/run/${when}`;
      mkdirSync(guest.root + dir, { recursive: true });
      const text = `#!/bin/sh\necho ${when} >>/run/ran\n`;
      writeFileSync(`${guest.root + dir}/10-note`, text, { mode: 0o755 });
      return `${when}_script_dir: ${dir}\n`;
    });
    const file = `${guest.root}/run/ran`;
    rmSync(file, { force: true });
    const ran = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
    return { config: config.join(''), ran };
  }

  /** The processes of the freeze that is under way, but for the agent. */
  function guardProcesses(): number[] {
    const { freeze_id } = JSON.parse(readFileSync(guest.root + STATE, 'utf8'));
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => contentOf(`/proc/${pid}/environ`).includes(freeze_id))
      .map(Number);
  }

  it('is announced', async () => {
    const [, client] = await start();
    const { capabilities, features } = await client.call(GetCapabilities, {});
    expect(capabilities).toEqual(expect.arrayContaining(['quiesce', 'thaw']));
    expect(features).toMatchObject({ fsfreeze: 'true' });
  });

  it('freezes every writable local filesystem, each once, and thaws all', async () => {
    const { mounts } = guest;
    const data = mounts.make('xfs', 'data');
    const nested = mounts.makeInside(data, 'nested');
    mounts.mount('bound', '--bind', data);
    mounts.mount('memory', '-t', 'tmpfs', 'tmpfs');
    const spaced = mounts.make('ext4', 'a b');
    mounts.make('ext4', 'read-only', '-o', 'ro');
    const [, client] = await start();
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
    const [agent, client] = await start({
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

  it('gets on with file operations that the freeze has caught', async () => {
    const [, client] = await start();
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
    const asked = performance.now();
    await client.call(Ping, {});
    // What waits for the disk would wait until the thaw.
    expect(performance.now() - asked).toBeLessThan(1000);
    go = false;
    await client.call(Thaw, {});
    await Promise.all(lanes);
    const failed = answers.filter((answer) => answer instanceof Error);
    for (const error of failed) expect(error).toMatchObject({ code: 5007 });
    expect(failed.length).toBeLessThan(answers.length);
  });

  it('thaws within a second when it is killed; the next agent runs what is left of scripts', async () => {
    const { config, ran } = scripts();
    const [agent, client] = await start({ config });
    const written = await guest.mounts.writersOn('/');
    await client.call(Quiesce, {});
    expect(await writing(written)).toEqual([false]);
    const { count } = written[0] as Writer;
    const killed = performance.now();
    await kill(agent);
    await expect.poll(() => written[0]?.count, { interval: 5 }).toBeGreaterThan(count + 1);
    expect(performance.now() - killed).toBeLessThan(1000);
    expect(ran()).toEqual(['pre_freeze']);
    const [, next] = await start({ config });
    await expect.poll(ran).toEqual(['pre_freeze', 'post_thaw']);
    await expect(next.call(Thaw, {})).rejects.toMatchObject({
      code: 5008,
      message: expect.stringContaining('when the agent was started again'),
    });
    await next.call(Quiesce, { skipScripts: true });
    await next.call(Thaw, {});
    const [third] = await start({ config });
    await third.stop();
    expect(ran()).toEqual(['pre_freeze', 'post_thaw']);
  });

  it('killed in the middle of freezing a disk that hangs, thaws that too when it comes back', async () => {
    const outer = guest.mounts.make('ext4', 'outer');
    const inner = guest.mounts.makeInside(outer, 'inner');
    const [agent, client] = await start();
    const written = await guest.mounts.writersOn('/', inner);
    guest.mounts.run('fsfreeze', '--freeze', outer);
    await guest.mounts.writeThrough(inner);
    const quiesce = client.call(Quiesce, { mountPoints: [inner, '/'] });
    const lost = expect(quiesce).rejects.toThrow();
    await expect.poll(() => guardProcesses().length).toBeGreaterThan(5);
    await pause(200);
    await kill(agent);
    await lost;
    guest.mounts.run('fsfreeze', '--unfreeze', outer);
    await expect.poll(() => writing(written)).toEqual([true, true]);
    // Not only for a moment.
    await pause(300);
    expect(await writing(written)).toEqual([true, true]);
  });

  it('thaws when it is started again, where its guard was killed with it', async () => {
    const { config, ran } = scripts();
    const data = guest.mounts.make('xfs', 'data');
    const [agent, client] = await start({ config });
    const written = await guest.mounts.writersOn('/', data);
    await client.call(Quiesce, {});
    agent.signal('SIGSTOP');
    for (const pid of guardProcesses()) process.kill(pid, 'SIGKILL');
    await kill(agent);
    expect(await writing(written)).toEqual([false, false]);
    const begin = performance.now();
    await start({ config });
    expect(await writing(written)).toEqual([true, true]);
    expect(performance.now() - begin).toBeLessThan(3000);
    await expect.poll(ran).toEqual(['pre_freeze', 'post_thaw']);
    await expect.poll(() => existsSync(guest.root + STATE)).toBe(false);
  });

  it('thaws before anything else when it is told to stop', async () => {
    const logFile = '/var/log/stopped.log';
    const { config, ran } = scripts();
    const [agent, client] = await start({ config: `${config}log_file: ${logFile}\n`, logFile });
    const written = await guest.mounts.writersOn('/');
    await client.call(Quiesce, {});
    const { code, ms } = await agent.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(1000);
    expect(await writing(written)).toEqual([true]);
    expect(agent.log).toContain('agent stopped');
    expect(ran()).toEqual(['pre_freeze', 'post_thaw']);
    expect(existsSync(guest.root + STATE)).toBe(false);
  });

  it('is thawed at the time limit although it hangs, and finds its way back', async () => {
    const [agent, client] = await start();
    const written = await guest.mounts.writersOn('/');
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

  it('serves everything again after the time limit', async () => {
    const [, client] = await start();
    await client.call(Quiesce, { timeoutSeconds: 1 });
    const write = () =>
      client.call(FileWrite, { path: '/var/x' }).then(
        () => 'written',
        ({ code }) => code,
      );
    expect(await write()).toBe(5007);
    await expect.poll(write).toBe('written');
  });

  it('is thawed by a configuration that is read again', async () => {
    const { config, ran } = scripts();
    const [agent, client] = await start({ config });
    const written = await guest.mounts.writersOn('/');
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
    const { config, ran } = scripts();
    const [, client] = await start({ config });
    const written = await guest.mounts.writersOn('/');
    const tool = `${guest.root}/usr/sbin/fsfreeze`;
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
    const [, client] = await start({ config: 'no_such_key: 1\n' });
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

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
