import { copyFileSync, mkdirSync, rmdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { encode, responseCodec } from '@limiquantix/agent-proto/codec';
import { ListProcesses, type ProcessInfo, timestampMs } from '@limiquantix/plugin-sdk';
import { testHost } from '@limiquantix/plugin-sdk/testing';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import plugin from '../src/index.ts';
import {
  bash,
  entryOf,
  failure,
  kernelThread,
  list,
  parentOfZombie,
  processPlugin,
  scratch,
  start,
} from './plugin.ts';

const host = processPlugin();
const at = scratch();

describe('a listing', () => {
  it('describes a process', async () => {
    const self = await entryOf(host, process.pid);
    const startedAt = Date.now() - process.uptime() * 1000;
    expect(self).toMatchObject({
      ppid: process.ppid,
      user: userInfo().username,
      state: 'running',
      workingDirectory: process.cwd(),
      threads: [],
    });
    expect(self.commandLine).toContain(process.execPath);
    expect(Number(self.memoryBytes) / process.memoryUsage.rss()).toBeGreaterThan(0.5);
    expect(Number(self.memoryBytes) / process.memoryUsage.rss()).toBeLessThan(2);
    expect(self.startedAt && Math.abs(timestampMs(self.startedAt) - startedAt)).toBeLessThan(3000);
    expect(self.threadCount).toBeGreaterThan(1);
  });

  it('has every process of the guest, each once', async () => {
    const pids = (await list(host, { maxEntries: 4096 })).map(({ pid }) => pid);
    expect(pids).toContain(1);
    expect(pids).toContain(process.ppid);
    expect(new Set(pids).size).toBe(pids.length);
  });

  it('tells a process that computes from one that sleeps', async () => {
    const busy = await bash('while :; do :; done');
    const idle = await start('sleep', ['1000']);
    // What it took to start is over once it sleeps, and however little the other gets is more.
    const told = async () => {
      const entries = (await list(host, { maxEntries: 4096 })).filter(({ pid }) =>
        [busy.pid, idle.pid].includes(pid),
      );
      return entries.map(({ pid, state, cpuPercent }) => [pid, state, cpuPercent > 0]);
    };
    await expect.poll(told).toEqual([
      [busy.pid, 'running', true],
      [idle.pid, 'sleeping', false],
    ]);
    busy.kill('SIGKILL');
  });

  it('names states in words', async () => {
    const stopped = await start('sleep', ['1000']);
    stopped.kill('SIGSTOP');
    await entryOf(host, stopped.pid, ({ state }) => state === 'stopped');
    const parent = await parentOfZombie();
    const child = async () =>
      (await list(host, { maxEntries: 4096 })).find((p) => p.ppid === parent.pid);
    await expect
      .poll(child)
      .toMatchObject({ state: 'zombie', name: 'true', commandLine: '', workingDirectory: '' });
  });

  it('says whose process it is, by number where nobody has that name', async () => {
    const nobody = await start('sleep', ['1000'], { uid: 65_534, gid: 65_534 });
    const unknown = await start('sleep', ['1000'], { uid: 54_321, gid: 54_321 });
    expect((await entryOf(host, nobody.pid, (p) => p.name === 'sleep')).user).toBe('nobody');
    expect((await entryOf(host, unknown.pid, (p) => p.name === 'sleep')).user).toBe('54321');
  });

  it('says where it works, also when that is gone', async () => {
    mkdirSync(at('gone'));
    const child = await start('sleep', ['1000'], { cwd: at('gone') });
    expect((await entryOf(host, child.pid)).workingDirectory).toBe(at('gone'));
    rmdirSync(at('gone'));
    expect((await entryOf(host, child.pid)).workingDirectory).toBe(`${at('gone')} (deleted)`);
  });

  it.skipIf(!kernelThread())('has threads of the kernel in brackets', async () => {
    expect(await entryOf(host, 2)).toMatchObject({
      name: '[kthreadd]',
      commandLine: '',
      memoryBytes: 0,
      user: 'root',
      workingDirectory: '',
    });
  });
});

describe('a name', () => {
  it.each(['a) S 1 (b', '((', ') ', 'two\nlines', '12 (x) R 3', 'ümläut'])(
    'may be %j',
    async (name) => {
      copyFileSync('/bin/sleep', at(name));
      const child = await start(at(name), ['1000']);
      expect(await entryOf(host, child.pid, (p) => p.state === 'sleeping')).toMatchObject({
        name,
        ppid: process.pid,
        commandLine: `${at(name)} 1000`,
      });
    },
  );

  it('and a command line need not be text', async () => {
    const child = await bash(
      `cp /bin/sleep ./$'\\xff-x' && exec -a $'\\xfe arg' ./$'\\xff-x' 1000`,
      {
        cwd: at(),
      },
    );
    // Both, as the program may be another between the two readings of a listing.
    const renamed = ({ name, commandLine }: ProcessInfo) =>
      name.endsWith('-x') && commandLine.endsWith('arg 1000');
    expect(await entryOf(host, child.pid, renamed)).toMatchObject({
      name: '\ufffd-x',
      commandLine: '\ufffd arg 1000',
    });
  });
});

describe('a command line', () => {
  it('has its arguments with blanks between them, empty ones too', async () => {
    const child = await start('bash', ['-c', 'sleep 1000; :', '', 'a b', '']);
    const { commandLine } = await entryOf(host, child.pid, (p) => p.name === 'bash');
    expect(commandLine).toBe('bash -c sleep 1000; :  a b');
  });

  it('is cut at 4 KiB, between characters', async () => {
    const child = await start('bash', ['-c', 'sleep 1000; :', 'ä'.repeat(5000)]);
    const { commandLine } = await entryOf(host, child.pid, (p) => p.name === 'bash');
    expect(commandLine).toMatch(/^bash -c sleep 1000; : ä+$/);
    expect(Buffer.byteLength(commandLine)).toBeGreaterThan(4090);
    expect(Buffer.byteLength(commandLine)).toBeLessThanOrEqual(4096);
  });
});

describe('a filter', () => {
  it('finds names and command lines, whatever their case', async () => {
    // Others may run these tests at the same time.
    const mark = `Mark-${process.pid}`;
    const child = await bash(`exec -a Filter-${mark} sleep 4711`);
    await entryOf(host, child.pid, (p) => p.commandLine === `Filter-${mark} 4711`);
    const found = async (filter: string) =>
      (await list(host, { filter, maxEntries: 4096 })).map((p) => p.pid);
    expect(await found(`FILTER-mark-${process.pid}`)).toEqual([child.pid]);
    expect(await found(`mark-${process.pid} 4711`)).toEqual([child.pid]);
    expect(await found('SLEEP')).toContain(child.pid);
    expect(await found(`no such process as ${mark}`)).toEqual([]);
  });

  it('counts before max_entries, and max_entries after the order by CPU', async () => {
    const mark = `cut-mark-${process.pid}`;
    await start('bash', ['-c', 'sleep 1000; :', mark]);
    const busy = await start('bash', ['-c', 'while :; do :; done', mark]);
    await start('bash', ['-c', 'sleep 1000; :', mark]);
    await entryOf(host, busy.pid, ({ cpuPercent }) => cpuPercent > 0);
    // A bash that has forked its sleep is there twice for a moment.
    await expect.poll(() => list(host, { filter: mark })).toHaveLength(3);
    const first = async () =>
      (await list(host, { filter: mark, maxEntries: 1 })).map(({ pid }) => pid);
    await expect.poll(first).toEqual([busy.pid]);
    busy.kill('SIGKILL');
  });
});

describe('threads', () => {
  it('are listed when asked for', async () => {
    const listed = await list(host, { includeThreads: true, maxEntries: 4096 });
    const self = listed.find(({ pid }) => pid === process.pid);
    expect(self?.threads.find(({ tid }) => tid === process.pid)?.state).toBe('running');
    expect(self?.threads.length).toBe(self?.threadCount);
    for (const { name, state } of self?.threads ?? []) expect(name && state).toBeTruthy();
  });
});

describe('an answer', () => {
  it('fits into a message', async () => {
    const maxMessageBytes = 64 * 1024;
    const small = await testHost(plugin, { package: manifest, maxMessageBytes });
    const mark = `long-${process.pid}-`;
    for (let i = 0; i < 20; i++) {
      await start('bash', ['-c', 'sleep 1000; :', mark + 'x'.repeat(8000)]);
    }
    const answer = await small.call(ListProcesses, { filter: mark });
    expect(answer.processes.length).toBeGreaterThan(8);
    expect(answer.processes.length).toBeLessThan(16);
    expect(encode(responseCodec(ListProcesses), answer).length).toBeLessThan(maxMessageBytes);
    await small.stop();
  });

  it('comes also while processes start and end', async () => {
    const churning = await bash('while :; do /bin/true & /bin/true; wait; done');
    for (let i = 0; i < 20; i++) {
      expect((await list(host, { includeThreads: true })).length).toBeGreaterThan(3);
    }
    process.kill(-churning.pid, 'SIGKILL');
  });

  it('takes two samples at first, and one while listings go on', async () => {
    const slow = await testHost(plugin, { package: manifest, config: { sample_ms: 2000 } });
    const duration = async () => {
      const began = performance.now();
      await slow.call(ListProcesses, {});
      return performance.now() - began;
    };
    const first = await Promise.all([duration(), duration()]);
    expect(Math.min(...first)).toBeGreaterThan(1990);
    expect(await duration()).toBeLessThan(1900);
    expect(await duration()).toBeLessThan(1900);
    await slow.stop();
  });

  it('is given up when the host cancels', async () => {
    const slow = await testHost(plugin, { package: manifest, config: { sample_ms: 5000 } });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    const began = performance.now();
    const call = slow.call(ListProcesses, {}, { signal: abort.signal });
    await expect(call).rejects.toThrow('aborted');
    expect(performance.now() - began).toBeLessThan(3000);
    await slow.stop();
  });
});

it('does not accept settings that it does not have', async () => {
  for (const config of [{ sample_ms: 1 }, { sample_ms: '200' }, { samples: 2 }]) {
    const error = await failure(testHost(plugin, { package: manifest, config }));
    expect(error.name).toBe('CONFIG_INVALID');
  }
});
