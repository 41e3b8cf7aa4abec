import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { findTool, runTool, ToolMissing } from '../src/guest/run-tool.ts';

const sh = (script: string, options: Partial<Parameters<typeof runTool>[2]> = {}) =>
  runTool('sh', ['-c', script], { timeoutMs: 10_000, ...options });

/** Whether a process of that number runs; a zombie does not. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<void> {
  for (let tries = 0; runs(pid); tries++) {
    if (tries === 500) throw new Error(`process ${pid} still runs`);
    await sleep(20);
  }
}

describe('a tool', () => {
  it('gives its exit code and both outputs', async () => {
    expect(await sh('echo out; echo wrong >&2; exit 3')).toEqual({
      exitCode: 3,
      signal: undefined,
      stdout: 'out\n',
      stderr: 'wrong\n',
      truncated: false,
      timedOut: false,
    });
  });

  it.skipIf(process.getuid?.() !== 0)('runs as whom it is told, in no other groups', async () => {
    const { stdout } = await sh('id -u; id -G', { as: { uid: 61_183, gid: 61_184 } });
    expect(stdout).toBe('61183\n61184\n');
  });

  it('gets its arguments as they are', async () => {
    const args = ['%s\n', '*', '$(id)', 'a b', '-n', ''];
    const { stdout } = await runTool('printf', args, { timeoutMs: 5000 });
    expect(stdout).toBe('*\n$(id)\na b\n-n\n\n');
  });

  it('reads what it is given, else nothing', async () => {
    expect((await runTool('cat', [], { timeoutMs: 5000, input: 'määh\n' })).stdout).toBe('määh\n');
    expect((await runTool('cat', [], { timeoutMs: 5000 })).stdout).toBe('');
  });

  it('may leave its input unread', async () => {
    const input = Buffer.alloc(4 * 1024 * 1024);
    expect((await runTool('true', [], { timeoutMs: 5000, input })).exitCode).toBe(0);
  });

  it('has nothing of the agent in its environment', async () => {
    process.env.SECRET_OF_THE_AGENT = 'x';
    const { stdout } = await runTool('env', [], { timeoutMs: 5000, env: { EXTRA: '1' } });
    delete process.env.SECRET_OF_THE_AGENT;
    expect(stdout.trim().split('\n').sort()).toEqual([
      'EXTRA=1',
      'LANG=C.UTF-8',
      'LC_ALL=C',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    ]);
  });

  it('inherits nothing of how the agent itself is run', async () => {
    const adjustment = readFileSync('/proc/self/oom_score_adj', 'latin1');
    const umask = process.umask(0o077);
    writeFileSync('/proc/self/oom_score_adj', '100');
    const { stdout } = await sh('umask; cat /proc/self/oom_score_adj');
    writeFileSync('/proc/self/oom_score_adj', adjustment);
    expect(process.umask(umask)).toBe(0o077);
    expect(stdout).toBe('0022\n0\n');
  });

  it('is found in the directories of the system alone', async () => {
    const missing = runTool('no-such-tool', [], { timeoutMs: 5000 });
    await expect(missing).rejects.toBeInstanceOf(ToolMissing);
    await expect(missing).rejects.toMatchObject({ program: 'no-such-tool' });
    await expect(runTool('/nowhere/tool', [], { timeoutMs: 5000 })).rejects.toThrow(ToolMissing);
    // A file that is no program is as good as missing.
    await expect(runTool('/etc/passwd', [], { timeoutMs: 5000 })).rejects.toThrow(ToolMissing);
  });

  it('cannot fill the memory', async () => {
    const endless = await sh('yes | head -c 30000000', { maxOutputBytes: 1000 });
    expect(endless).toMatchObject({ exitCode: 0, truncated: true });
    expect(endless.stdout).toBe('y\n'.repeat(500));
  });
});

describe('at its deadline', () => {
  it('is killed with everything that it started', async () => {
    const began = performance.now();
    const result = await sh('sleep 1000 & echo $!; wait', { timeoutMs: 1000 });
    expect(result).toMatchObject({ exitCode: -1, signal: 'SIGKILL', timedOut: true });
    expect(performance.now() - began).toBeLessThan(5000);
    await untilGone(Number(result.stdout));
  });

  it('counts as ended when only a daemon of it keeps the outputs open', async () => {
    const began = performance.now();
    const result = await sh('setsid sleep 1000 & echo $!; exit 0', { timeoutMs: 8000 });
    process.kill(Number(result.stdout), 'SIGKILL');
    expect(result).toMatchObject({ exitCode: 0, timedOut: false });
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe('when nobody wants it any more', () => {
  it('is killed', async () => {
    const abort = new AbortController();
    const running = sh('exec sleep 1000', { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('cancelled')), 100);
    await expect(running).rejects.toThrow('cancelled');
  });

  it('is not even started', async () => {
    const signal = AbortSignal.abort(new Error('cancelled'));
    await expect(runTool('no-such-tool', [], { timeoutMs: 1000, signal })).rejects.toThrow(
      'cancelled',
    );
  });
});

describe('the place of a tool', () => {
  it("is in one of the system's own directories", () => {
    expect(findTool('sh')).toMatch(/^(\/usr)?\/s?bin\/sh$/);
  });

  it('is an absolute path itself, where there is something to run', () => {
    expect(findTool('/bin/sh')).toBe('/bin/sh');
    expect(() => findTool('/etc/passwd')).toThrow(ToolMissing);
  });

  it('is told to be missing by name', () => {
    expect(() => findTool('no-such-tool')).toThrow('no-such-tool is not installed');
  });
});
