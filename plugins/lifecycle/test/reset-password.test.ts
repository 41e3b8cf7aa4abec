import { ResetPassword } from '@limiquantix/plugin-sdk';
import { type FakeTools, type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { lifecycle } from '../src/lifecycle.ts';
import { type FakeGuestOptions, fakeGuest } from './fake-guest.ts';

async function start(
  scripts: FakeGuestOptions['scripts'],
): Promise<{ tools: FakeTools; host: TestHost }> {
  const guest = fakeGuest({ scripts, users: ['alice', 'root', '_apt', 'pc-1$', 'a'.repeat(32)] });
  const host = await testHost(lifecycle(guest), { package: manifest });
  return { tools: guest.tools, host };
}

const change = { username: 'alice', newPassword: 'correct horse' };

describe.concurrent('a password', () => {
  it('goes to chpasswd as one record on its input, and nowhere else', async () => {
    const { tools, host } = await start({ chpasswd: '' });
    expect(await host.call(ResetPassword, change)).toMatchObject({ success: true, error: '' });
    const input = 'alice:correct horse\n';
    expect(tools.calls()).toEqual([{ program: 'chpasswd', args: [], input }]);
  });

  it.each([':', 'a:b:c', ' ', '\t', '-x', '$(id)', 'pässwörd', '🔑'.repeat(128), 'x'.repeat(512)])(
    'may be %j',
    async (newPassword) => {
      const { tools, host } = await start({ chpasswd: '' });
      await host.call(ResetPassword, { ...change, newPassword });
      expect(tools.calls()).toMatchObject([{ input: `alice:${newPassword}\n` }]);
    },
  );

  it.each(['', 'a\nroot:b', 'a\rb', 'a\0b', '\n', 'x'.repeat(513), 'ä'.repeat(257)])(
    'may not be %j',
    async (newPassword) => {
      const { tools, host } = await start({ chpasswd: '' });
      const refused = host.call(ResetPassword, { ...change, newPassword });
      await expect(refused).rejects.toMatchObject({ code: 5003 });
      expect(tools.calls()).toEqual([]);
    },
  );
});

describe.concurrent('a user', () => {
  it.each(['root', '_apt', 'pc-1$', 'a'.repeat(32)])('may be %s', async (username) => {
    const { host } = await start({ chpasswd: '' });
    expect(await host.call(ResetPassword, { ...change, username })).toMatchObject({
      success: true,
    });
  });

  it.each([
    '',
    'nobody-here',
    '-x',
    '--root',
    'a:b',
    'alice:x\nroot',
    'alice\n',
    'alice\0',
    ' alice',
    'Alice',
    '0',
    '1000',
    '+alice',
    'älice',
    'аlice',
    'alice$$',
    '$',
    '../alice',
    'a'.repeat(33),
    'a'.repeat(100_000),
  ])('may not be %j', async (username) => {
    const { tools, host } = await start({ chpasswd: '' });
    const error = await host.call(ResetPassword, { ...change, username }).then(() => '', String);
    expect(error).toMatch(/^QXGA-5003: /);
    expect(error.length).toBeLessThan(300);
    expect(tools.calls()).toEqual([]);
  });
});

describe.concurrent('a guest', () => {
  it('with busybox alone gets a hash that counts every character', async () => {
    const { tools, host } = await start({ busybox: '' });
    await host.call(ResetPassword, change);
    const args = ['chpasswd', '-c', 'sha512'];
    expect(tools.calls()).toMatchObject([{ program: 'busybox', args }]);
  });

  it('whose chpasswd is a link to busybox, too', async () => {
    const { tools, host } = await start({ busybox: '' });
    tools.link('chpasswd', 'busybox');
    await host.call(ResetPassword, change);
    expect(tools.calls()).toMatchObject([{ args: ['-c', 'sha512'] }]);
  });

  it('without chpasswd is told what to install', async () => {
    const { host } = await start({});
    await expect(host.call(ResetPassword, change)).rejects.toMatchObject({
      code: 5003,
      message: expect.stringContaining('no chpasswd'),
      resolution: expect.stringContaining('shadow-utils'),
    });
  });

  it('without a tool to expire it keeps its password', async () => {
    const { tools, host } = await start({ chpasswd: '', busybox: '' });
    tools.link('passwd', 'busybox');
    await expect(host.call(ResetPassword, { ...change, expire: true })).rejects.toMatchObject({
      code: 5003,
      message: expect.stringContaining('no chage'),
    });
    expect(tools.calls()).toEqual([]);
  });

  it('has it expire with chage, else with passwd', async () => {
    const both = await start({ chpasswd: '', chage: '', passwd: '' });
    await both.host.call(ResetPassword, { ...change, expire: true });
    expect(both.tools.calls()).toMatchObject([
      { program: 'chpasswd' },
      { program: 'chage', args: ['-d', '0', '--', 'alice'] },
    ]);
    const one = await start({ chpasswd: '', passwd: '' });
    await one.host.call(ResetPassword, { ...change, expire: true });
    expect(one.tools.calls('passwd')).toMatchObject([{ args: ['-e', '--', 'alice'] }]);
  });

  it('that cannot make it expire says that it has changed', async () => {
    const { host } = await start({ chpasswd: '', chage: 'echo "chage: no shadow" >&2; exit 3' });
    await expect(host.call(ResetPassword, { ...change, expire: true })).rejects.toMatchObject({
      code: 5003,
      message: expect.stringContaining('has the new password, but'),
      context: 'chage: no shadow',
    });
  });

  it('changes one at a time', async () => {
    const { tools, host } = await start({
      chpasswd: 'mkdir "$0.lock" || exit 9; sleep 0.1; rmdir "$0.lock"',
    });
    const three = ['alice', 'root', '_apt'].map((username) =>
      host.call(ResetPassword, { ...change, username }),
    );
    expect(await Promise.all(three)).toMatchObject([
      { success: true },
      { success: true },
      { success: true },
    ]);
    expect(tools.calls().map(({ input }) => input.split(':')[0])).toEqual([
      'alice',
      'root',
      '_apt',
    ]);
  });

  it('goes on after one that failed', async () => {
    const { host } = await start({
      chpasswd: 'read line < "$record.input"; case $line in root*) exit 1;; esac',
    });
    await expect(host.call(ResetPassword, { ...change, username: 'root' })).rejects.toMatchObject({
      code: 5003,
    });
    expect(await host.call(ResetPassword, change)).toMatchObject({ success: true });
  });
});
