import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';

// biome-ignore lint/suspicious/noExplicitAny: a row of the listing is looked into everywhere
type Process = any;

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest();
});
afterAll(() => guest?.stop());

async function list(query = ''): Promise<Process[]> {
  const { status, body } = await guest.rest('GET', `/processes${query}`);
  expect(status).toBe(200);
  return body.processes;
}

const kill = (pid: number, signal?: number) =>
  guest.rest('POST', `/processes/${pid}/kill`, signal === undefined ? {} : { signal });

/** Starts a command line as a user. @returns its pid */
async function start(command: string, user = 'tester'): Promise<number> {
  const quoted = `'${command.replaceAll("'", `'\\''`)}'`;
  return Number(
    await guest.ok(
      `setsid setpriv --reuid=${user} --regid=${user} --clear-groups bash -c ${quoted} >/dev/null 2>&1 & echo $!`,
    ),
  );
}

/** A worker of the kernel is called by what it does at the moment: `[kworker/0:1-events]`. */
const withoutWork = (name: string) => name.replace(/^(\[kworker\/[\w:]+).*/, '$1]');

const isAlive = async (pid: number) => (await guest.run(`kill -0 ${pid}`)).status === 0;
const isGone = (pid: number) =>
  vi.waitFor(async () => expect(await isAlive(pid)).toBe(false), { timeout: 30_000 });

describe('the list', () => {
  it('has what ps has, by the same names, users and parents', async () => {
    const listed = new Map((await list()).map((process) => [process.pid, process]));
    const rows = (await guest.ok('ps -e -o pid=,ppid=,user:32=,comm=')).split('\n');
    const missing = [];
    for (const row of rows) {
      const [, pid, ppid, user, name = ''] = /^ *(\d+) +(\d+) +(\S+) +(.*)$/.exec(row) ?? [];
      const process = listed.get(Number(pid));
      if (!process) {
        missing.push(row);
        continue;
      }
      const isKernel = pid === '2' || ppid === '2';
      expect(process).toMatchObject({ ppid: Number(ppid), user });
      expect(withoutWork(process.name)).toBe(withoutWork(isKernel ? `[${name}]` : name));
    }
    // ps itself, its shell, and threads of the kernel that came meanwhile.
    expect(missing.length, missing.join('\n')).toBeLessThan(6);
  });

  it('shows what a program is: its command line, folder, memory and state', async () => {
    const pid = await start('cd /var/tmp; exec sleep 1000.5');
    await expect.poll(() => guest.ok(`cat /proc/${pid}/comm`), { timeout: 30_000 }).toBe('sleep');
    const [process, ...others] = await list('?filter=1000.5');
    expect(others).toEqual([]);
    expect(process).toMatchObject({
      pid,
      name: 'sleep',
      command_line: 'sleep 1000.5',
      user: 'tester',
      state: 'sleeping',
      thread_count: 1,
      working_directory: '/var/tmp',
    });
    const resident = Number(await guest.ok(`ps -o rss= -p ${pid}`)) * 1024;
    expect(process.memory_bytes).toBe(resident);
    const started = Date.parse(await guest.ok(`date -Is -d "$(ps -o lstart= -p ${pid})"`));
    expect(Math.abs(Date.parse(process.started_at) - started)).toBeLessThanOrEqual(2000);
    await kill(pid);
  });

  it('begins with the one that uses the CPU most', async () => {
    const pid = await start('while :; do :; done');
    await vi.waitFor(
      async () => {
        const [first] = await list('?max_entries=1');
        expect(first).toMatchObject({ pid, state: 'running' });
        expect(first.cpu_percent).toBeGreaterThan(60);
      },
      { timeout: 60_000, interval: 1000 },
    );
    await kill(pid, 9);
  });
});

describe('a signal', () => {
  it('ends a program, by default with SIGTERM', async () => {
    const pid = await start('exec sleep 1000');
    expect(await kill(pid)).toMatchObject({ status: 200, body: { success: true } });
    await isGone(pid);
  });

  it('ends a program that ignores SIGTERM only where it is SIGKILL', async () => {
    const pid = await start('trap "" TERM; while :; do sleep 1; done');
    await expect
      .poll(() => guest.ok(`grep SigIgn /proc/${pid}/status`), { timeout: 30_000 })
      .toMatch(/[4-7c-f]...$/);
    expect((await kill(pid, 15)).status).toBe(200);
    expect(await isAlive(pid)).toBe(true);
    expect((await kill(pid, 9)).status).toBe(200);
    await isGone(pid);
  });

  it('is refused to init, to the agent, to the kernel, and to who is not there', async () => {
    const agent = Number(await guest.ok('systemctl show --value -p MainPID limiquantix-agent'));
    for (const [pid, reason] of [
      [1, 'is the init process of the guest'],
      [agent, 'is the guest agent itself'],
      [2, 'is a thread of the kernel'],
    ] as const) {
      const { status, body } = await kill(pid, 9);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(body.detail).toContain(reason);
    }
    expect((await kill(4_000_000)).status).toBe(404);
    expect(await guest.ok('systemctl is-active limiquantix-agent')).toBe('active');
  });

  it('of a number that no program should get is refused', async () => {
    const pid = await start('exec sleep 1000');
    const { status, body } = await kill(pid, 19);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body.resolution ?? body.context).toContain('SIGTERM (15)');
    expect(await isAlive(pid)).toBe(true);
  });
});
