import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Execute, type ExecuteResponse } from '@limiquantix/plugin-sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { execute, isRunning, startHost } from './running.ts';

const STOPPED = { exitCode: -1, signal: 9 };

/** The path of a file that is not there, in a folder that goes with the test. */
function marker(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stopping-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'begun');
}

/** Runs a command until it has made `begun`, and stops it then. */
async function stopOnce(begun: string, command: string): Promise<ExecuteResponse> {
  const cancel = new AbortController();
  const answering = execute({ command }, { signal: cancel.signal });
  await expect.poll(() => existsSync(begun)).toBe(true);
  cancel.abort();
  return answering;
}

async function ended(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 500 && isRunning(pid); tries++) await sleep(20);
  return !isRunning(pid);
}

describe('the deadline', () => {
  test('ends an endless flood', async () => {
    const answer = await execute({ command: 'yes', timeoutSeconds: 2 });
    expect(answer).toMatchObject({ ...STOPPED, timedOut: true, stdoutTruncated: true });
    expect(answer.error).toMatch(/^QXGA-3003: .*2 s/);
    expect(Number(answer.durationMs)).toBeLessThan(10_000);
  });

  test('ignores that a command ignores signals', async () => {
    const command = "trap '' TERM INT HUP; while :; do sleep 1; done";
    expect(await execute({ command, timeoutSeconds: 1 })).toMatchObject({ timedOut: true });
  });

  test.each([0, 3600])('is the configured maximum for %d s', async (timeoutSeconds) => {
    const options = { config: { max_timeout_secs: 1 } };
    const answer = await execute({ command: 'sleep 300', timeoutSeconds }, options);
    expect(answer).toMatchObject({ ...STOPPED, timedOut: true });
    expect(answer.error).toContain('killed after 1 s');
  });
});

describe('what is stopped', () => {
  test('is killed with its group, and its output kept', async () => {
    const begun = marker();
    const answer = await stopOnce(begun, `sleep 300 & echo $!; : >${begun}; sleep 300`);
    expect(answer).toMatchObject({ ...STOPPED, timedOut: false });
    expect(answer.error).toMatch(/^QXGA-3003: .*cancelled/);
    expect(await ended(Number(answer.stdout))).toBe(true);
  });

  test('is killed with a grandchild in a session of its own, and what that has started', async () => {
    const begun = marker();
    const inner = `echo $$; sleep 300 & echo $!; : >${begun}; wait`;
    const command = `setsid setsid sleep 300 & echo $!; setsid sh -c '${inner}' & sleep 300`;
    const answer = await stopOnce(begun, command);
    expect(answer).toMatchObject(STOPPED);
    const pids = answer.stdout.trim().split('\n').map(Number);
    expect(pids).toHaveLength(3);
    for (const pid of pids) expect(await ended(pid)).toBe(true);
  });

  test('is killed with what is orphaned in its session', async () => {
    const begun = marker();
    const command = `set -m; (sh -c 'echo $$; : >${begun}; exec sleep 300' & ) & sleep 300`;
    const answer = await stopOnce(begun, command);
    expect(Number(answer.stdout)).toBeGreaterThan(0);
    expect(await ended(Number(answer.stdout))).toBe(true);
  });

  test('is killed with all that it forks, all the time', async () => {
    const mark = `forks-${process.pid}`;
    const begun = marker();
    const forked = `sh -c ': >${begun}; sleep 300; :' ${mark}`;
    const answer = await stopOnce(begun, `while :; do setsid ${forked} & sleep 0.01; done`);
    expect(answer).toMatchObject(STOPPED);
    const left = () => spawnSync('pgrep', ['-f', mark], { encoding: 'utf8' }).stdout;
    await expect.poll(left).toBe('');
  });

  test('leaves alone, and is answered although it holds the pipes, what has become a daemon', async () => {
    const [begun, daemon] = [marker(), marker()];
    const start = `(setsid sh -c 'echo $$; : >${daemon}; exec sleep 300' &)`;
    const wait = `until [ -e ${daemon} ]; do sleep 0.01; done`;
    const answer = await stopOnce(begun, `${start}; ${wait}; : >${begun}; sleep 300`);
    const pid = Number(answer.stdout);
    onTestFinished(() => void process.kill(pid));
    expect(isRunning(pid)).toBe(true);
    expect(answer).toMatchObject(STOPPED);
    expect(Number(answer.durationMs)).toBeLessThan(100_000);
  });
});

describe('cancelling', () => {
  test('before it began starts nothing', async () => {
    const answer = await execute({ command: 'echo a' }, { signal: AbortSignal.abort() });
    expect(answer).toMatchObject({ exitCode: -1, signal: 0, stdout: '', timedOut: false });
    expect(answer.error).toContain('cancelled');
  });

  test('comes with the end of the plugin', async () => {
    const host = await startHost();
    const begun = marker();
    const command = `echo $$; : >${begun}; exec sleep 300`;
    const answering = host.call(Execute, { command });
    await expect.poll(() => existsSync(begun)).toBe(true);
    await host.stop();
    const answer = await answering;
    expect(answer).toMatchObject(STOPPED);
    expect(await ended(Number(answer.stdout))).toBe(true);
  });
});
