import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { KillProcess } from '@limiquantix/plugin-sdk';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { Killer } from '../src/kill.ts';
import {
  bash,
  type Child,
  entryOf,
  failure,
  kernelThread,
  list,
  parentOfZombie,
  processPlugin,
  start,
} from './plugin.ts';

const host = processPlugin();

const kill = (pid: number, signal?: number) => host.call(KillProcess, { pid, signal });
const refusal = (pid: number, signal?: number) => failure(kill(pid, signal));

function alive({ pid }: Child): boolean {
  return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
}

describe('a signal', () => {
  it.each([
    [15, 'SIGTERM'],
    [9, 'SIGKILL'],
    [1, 'SIGHUP'],
    [2, 'SIGINT'],
    [3, 'SIGQUIT'],
    [0, 'SIGTERM'],
    [undefined, 'SIGTERM'],
  ])('%s is %s', async (signal, name) => {
    const child = await bash('ulimit -c 0; exec sleep 1000');
    // The shell itself ignores some signals.
    await entryOf(host, child.pid, ({ commandLine }) => commandLine === 'sleep 1000');
    const exit = once(child, 'exit');
    expect((await kill(child.pid, signal)).error).toBe('');
    expect((await exit)[1]).toBe(name);
  });

  it.each([4, 6, 10, 17, 18, 19, 20, 64, 65, -1, -9, 2147483647, -2147483648])(
    '%d is refused',
    async (signal) => {
      const child = await start('sleep', ['1000']);
      const error = await refusal(child.pid, signal);
      expect(error).toMatchObject({ code: 7002 });
      expect(error.resolution).toMatch(/SIGTERM \(15\).*SIGKILL \(9\).*SIGHUP \(1\)/);
      expect(alive(child)).toBe(true);
    },
  );

  it('goes to a process that was listed', async () => {
    const child = await start('sleep', ['1000']);
    await entryOf(host, child.pid);
    await kill(child.pid, 9);
    expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
  });

  it('goes to a stopped process, and to one of another user', async () => {
    const child = await start('sleep', ['1000'], { uid: 65_534, gid: 65_534 });
    child.kill('SIGSTOP');
    await kill(child.pid, 9);
    expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
  });
});

describe('is never sent to', () => {
  let send: MockInstance<typeof process.kill>;
  beforeEach(() => {
    // Nothing of the machine is hurt where the plugin is wrong.
    send = vi.spyOn(process, 'kill').mockReturnValue(true);
  });
  afterEach(() => {
    const calls = send.mock.calls;
    send.mockRestore();
    expect(calls).toEqual([]);
  });

  it.each([
    ['pid 0', 0, 'group of the agent'],
    ['init', 1, 'init process'],
    ['the agent', process.pid, 'guest agent itself'],
    ['what started the agent', process.ppid, 'started the guest agent'],
  ])('%s', async (_what, pid, why) => {
    for (const signal of [15, 9]) {
      const error = await refusal(pid, signal);
      expect(error).toMatchObject({ code: 7002 });
      expect(error.message).toContain(why);
    }
  });

  it.skipIf(!kernelThread())('a thread of the kernel', async () => {
    const error = await refusal(kernelThread() as number, 9);
    expect(error).toMatchObject({ code: 7002 });
    expect(error.message).toContain('thread of the kernel');
  });

  it('a part of the agent, however deep', async () => {
    const script = 'setTimeout(() => {}, 1e6)';
    const child = await start(process.execPath, ['-e', script]);
    const nested = await bash(`"${process.execPath}" -e '${script}' & wait`);
    const inner = async () =>
      (await list(host, { maxEntries: 4096 })).find(
        (p) => p.ppid === nested.pid && p.threadCount > 1,
      )?.pid ?? 0;
    await expect.poll(inner).toBeGreaterThan(0);
    for (const pid of [child.pid, await inner()]) {
      const error = await refusal(pid, 9);
      expect(error).toMatchObject({ code: 7002 });
      expect(error.message).toContain('part of the guest agent');
    }
  });

  it('a thread, the agent’s own neither', async () => {
    const own = readdirSync('/proc/self/task').map(Number);
    for (const tid of own.filter((id) => id !== process.pid)) {
      const error = await refusal(tid, 9);
      expect(error).toMatchObject({ code: 7001 });
      expect(error.message).toContain(`thread of process ${process.pid}`);
    }
    expect(own.length).toBeGreaterThan(1);
  });

  it('a zombie', async () => {
    const parent = await parentOfZombie();
    const zombie = async () =>
      (await list(host, { maxEntries: 4096 })).find(
        (p) => p.ppid === parent.pid && p.state === 'zombie',
      )?.pid ?? 0;
    await expect.poll(zombie).toBeGreaterThan(0);
    const error = await refusal(await zombie(), 9);
    expect(error).toMatchObject({ code: 7002 });
    expect(error.resolution).toContain(String(parent.pid));
  });

  it.each([
    ['a process that is not there', 2 ** 22],
    ['what is above the highest pid', 2 ** 22 + 1],
    ['2^31', 2 ** 31],
    ['a group', 4_294_967_296 - process.pid],
    ['-1', 4_294_967_295],
  ])('%s', async (_what, pid) => {
    for (const signal of [15, 9]) {
      expect(await refusal(pid, signal)).toMatchObject({ code: 7001 });
    }
  });
});

describe('a pid that another process has since the listing', () => {
  it('is not killed', async () => {
    const child = await start('sleep', ['1000']);
    const killer = new Killer({ startTicksOf: () => 1 });
    expect(() => killer.kill({ pid: child.pid, signal: 9 })).toThrow(
      'another process has this pid since the listing',
    );
    expect(alive(child)).toBe(true);
  });

  const own = ['--pid', '--fork', '--kill-child', '--mount-proc'];
  const canHave = spawnSync('unshare', [...own, 'true']).status === 0;
  const title = 'is not killed for real, until it is listed again (needs a PID namespace)';
  it.skipIf(!canHave)(title, () => {
    const fixture = fileURLToPath(new URL('fixtures/reused-pid.ts', import.meta.url));
    const command = [...own, process.execPath, fixture];
    const output = execFileSync('unshare', command, { encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual({
      samePid: true,
      unlisted: 7001,
      alive: true,
      relisted: 'killed',
      signal: 'SIGKILL',
    });
  });
});

it('says that the kernel refused', async () => {
  const child = await start('sleep', ['1000']);
  const send = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  const error = await refusal(child.pid, 15);
  send.mockRestore();
  expect(error).toMatchObject({ code: 7002 });
  expect(error.message).toContain('EPERM');
});
