import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Execute } from '@limiquantix/plugin-sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { execute, isRunning, startHost } from './running.ts';

const STOPPED = { exitCode: -1, signal: 9 };

/** The path of a file that is not there, in a folder that goes with the test. */
function marker(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stopping-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'begun');
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

  test('kills the whole group and keeps the output', async () => {
    const command = 'sleep 300 & echo $!; sleep 300';
    const answer = await execute({ command, timeoutSeconds: 1 });
    expect(answer).toMatchObject({ ...STOPPED, timedOut: true });
    expect(await ended(Number(answer.stdout))).toBe(true);
  });

  test('ends a grandchild in a session of its own, and what that has started', async () => {
    const inner = 'echo $$; sleep 300 & echo $!; wait';
    const command = `setsid sh -c '${inner}' & setsid setsid sleep 300 & echo $!; sleep 300`;
    const answer = await execute({ command, timeoutSeconds: 1 });
    expect(answer).toMatchObject({ ...STOPPED, timedOut: true });
    const pids = answer.stdout.trim().split('\n').map(Number);
    expect(pids).toHaveLength(3);
    for (const pid of pids) expect(await ended(pid)).toBe(true);
  });

  test('ends what is orphaned in the session of the command', async () => {
    const command = "set -m; (sh -c 'echo $$; exec sleep 300' & ) & sleep 300";
    const answer = await execute({ command, timeoutSeconds: 1 });
    expect(await ended(Number(answer.stdout))).toBe(true);
  });

  test('ends who forks all the time', async () => {
    const mark = `forks-${process.pid}`;
    const command = `while :; do setsid sh -c 'sleep 300; :' ${mark} & sleep 0.01; done`;
    const answer = await execute({ command, timeoutSeconds: 1 });
    expect(answer).toMatchObject({ ...STOPPED, timedOut: true });
    const left = () => spawnSync('pgrep', ['-f', mark], { encoding: 'utf8' }).stdout;
    await expect.poll(left).toBe('');
  });

  test('leaves alone, and is kept although it holds the pipes, what has become a daemon', async () => {
    const command = "(setsid sh -c 'echo $$; exec sleep 300' &); sleep 300";
    const answer = await execute({ command, timeoutSeconds: 1 });
    const pid = Number(answer.stdout);
    onTestFinished(() => void process.kill(pid));
    expect(isRunning(pid)).toBe(true);
    expect(answer).toMatchObject({ ...STOPPED, timedOut: true });
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

describe('cancelling', () => {
  test('kills the command and answers with what there is', async () => {
    const cancel = new AbortController();
    const begun = marker();
    const command = `sleep 300 & echo $!; : >${begun}; sleep 300`;
    const answering = execute({ command }, { signal: cancel.signal });
    await expect.poll(() => existsSync(begun)).toBe(true);
    cancel.abort();
    const answer = await answering;
    expect(answer).toMatchObject({ ...STOPPED, timedOut: false });
    expect(answer.error).toMatch(/^QXGA-3003: .*cancelled/);
    expect(await ended(Number(answer.stdout))).toBe(true);
  });

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
