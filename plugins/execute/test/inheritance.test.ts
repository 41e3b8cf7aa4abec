import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { environmentOf } from '../src/environment.ts';
import { execute, ignoredSignals } from './running.ts';

describe('a command inherits', () => {
  test('a fixed environment with nothing of the agent in it', async () => {
    process.env.AGENT_SECRET = 'canary';
    onTestFinished(() => void delete process.env.AGENT_SECRET);
    const { stdout } = await execute({ command: 'env', args: ['-u', 'X'] });
    const { username, homedir, shell } = userInfo();
    const variables = stdout.trim().split('\n');
    expect(Object.fromEntries(variables.map((variable) => variable.split('=')))).toEqual({
      HOME: homedir,
      LANG: 'C.UTF-8',
      LOGNAME: username,
      PATH: expect.stringContaining('/usr/bin:'),
      SHELL: shell,
      USER: username,
    });
  });

  test('the variables of the host over it', async () => {
    const environment = { LANG: 'de_DE.UTF-8', 'odd name': 'ä b\n', empty: '' };
    const { stdout } = await execute({ command: 'env', args: ['-0'], environment });
    expect(stdout.split('\0')).toEqual(
      expect.arrayContaining(['LANG=de_DE.UTF-8', 'odd name=ä b\n', 'empty=']),
    );
  });

  test('the usual umask, whatever the agent has', async () => {
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    expect((await execute({ command: 'umask' })).stdout).toBe('0022\n');
    expect(process.umask()).toBe(0o077);
  });

  test('the usual limit of open files, which Node raised for itself', async () => {
    const own = () =>
      /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    const before = own();
    const { stdout } = await execute({ command: 'ulimit -Sn; ulimit -Hn' });
    const [soft, hard] = stdout.trim().split('\n').map(Number) as [number, number];
    expect(soft).toBe(Math.min(1024, hard));
    expect(hard).toBe(Number(before));
    expect(own()).toBe(before);
  });

  test('no protection from the out-of-memory killer', async () => {
    const own = '/proc/self/oom_score_adj';
    const before = readFileSync(own, 'latin1');
    writeFileSync(own, '200');
    onTestFinished(() => writeFileSync(own, before));
    expect((await execute({ command: `cat ${own}` })).stdout).toBe('0\n');
    expect(readFileSync(own, 'latin1')).toBe('200\n');
  });

  test('no descriptors but its streams', async () => {
    const list = (shell: string) => shell.trim().split('\n').sort();
    const command = 'ls /proc/self/fd';
    // What this process itself was started with goes to every child.
    const given = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' }).stdout;
    expect(list((await execute({ command, stdin: Buffer.from('x') })).stdout)).toEqual(list(given));
  });

  test('default signals, and streams that block', async () => {
    const { stdout } = await execute({
      command: 'grep -E "SigIgn|SigBlk" /proc/self/status; cat /proc/self/fdinfo/[012]',
      stdin: Buffer.from('x'),
    });
    expect(stdout).toMatch(/SigBlk:\s0+\n/);
    expect(ignoredSignals(stdout)).toBe(0n);
    const nonBlocking = [...stdout.matchAll(/flags:\s(\d+)/g)].map(
      ([, flags]) => Number.parseInt(flags as string, 8) & 0o4000,
    );
    expect(nonBlocking).toEqual([0, 0, 0]);
  });

  test('a session and process group of its own', async () => {
    const { stdout } = await execute({ command: 'cut -d" " -f1,5,6 /proc/$$/stat' });
    const [pid, group, session] = stdout.trim().split(' ');
    expect([group, session]).toEqual([pid, pid]);
  });

  test('the directory that the host names, else the home of its user', async () => {
    expect((await execute({ command: 'pwd', workingDirectory: '/usr' })).stdout).toBe('/usr\n');
    expect((await execute({ command: 'pwd' })).stdout).toBe(`${userInfo().homedir}\n`);
  });
});

test('a variable may have any name', () => {
  const account = { name: 'a', uid: 1, gid: 1, home: '/', shell: '/bin/sh' };
  const requested = JSON.parse('{"__proto__": "x", "constructor": "y"}');
  expect(Object.entries(environmentOf(account, requested))).toEqual(
    expect.arrayContaining([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]),
  );
});
