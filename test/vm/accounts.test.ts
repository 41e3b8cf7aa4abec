import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';

/** All that a shell, a record of chpasswd or PAM could take for something else. */
const AWKWARD = ` p:a"s'$HOME\\ \`id\`#ä€ %s `;

describe('the accounts of a guest', () => {
  let guest: Guest;
  beforeAll(async () => {
    guest = await restoreGuest();
  });
  afterAll(() => guest?.stop());

  const reset = (username: string, new_password: string, more: object = {}) =>
    guest.rest('POST', '/reset-password', { username, new_password, ...more });

  /** A password as a word of a shell's command. */
  const word = (text: string) => `"$(base64 -d <<<${Buffer.from(`${text}x`).toString('base64')})"`;

  /** Becomes another user by su and its PAM modules, as one who may not without the password. */
  const su = (user: string, password: string) =>
    guest.run(`p=${word(password)}; printf '%s\\n' "\${p%x}" |
setpriv --reuid=nobody --regid=nogroup --clear-groups su ${user} -c 'echo logged in as $(id -un)'`);

  const expectLogin = async (user: string, password: string) =>
    expect(await su(user, password)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`logged in as ${user}\n`),
    });

  const expectNoLogin = async (user: string, password: string) =>
    expect(await su(user, password)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('Authentication failure'),
    });

  it('root logs in with the password that the host set, and no other', async () => {
    const { status, body } = await reset('root', AWKWARD);
    expect({ status, body }).toMatchObject({ status: 200, body: { success: true } });
    await expectLogin('root', AWKWARD);
    await expectNoLogin('root', AWKWARD.trim());
  });

  it('a user whose account was locked logs in over the network', async () => {
    await guest.ok('passwd --quiet --lock tester');
    expect(await reset('tester', AWKWARD)).toMatchObject({ status: 200 });
    await guest.ok('systemctl start ssh');
    const ssh = async (password: string) => {
      await guest.ok(`p=${word(password)}; printf '#!/bin/sh\\ncat /run/password\\n' >/run/askpass
chmod 700 /run/askpass; printf '%s\\n' "\${p%x}" >/run/password`);
      return guest.run(`SSH_ASKPASS=/run/askpass SSH_ASKPASS_REQUIRE=force ssh -o LogLevel=ERROR \
-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o NumberOfPasswordPrompts=1 \
-o PreferredAuthentications=password tester@127.0.0.1 id -un`);
    };
    expect(await ssh(AWKWARD)).toEqual({ status: 0, stdout: 'tester\n' });
    expect(await ssh('another')).toMatchObject({
      status: 255,
      stdout: expect.stringContaining('Permission denied'),
    });
  });

  it('takes what looks like a hash as the password itself', async () => {
    const hash =
      '$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.';
    expect(await reset('tester', hash)).toMatchObject({ status: 200 });
    await expectLogin('tester', hash);
    await expectNoLogin('tester', 'password');
  });

  it('is hashed as the guest is set up for, and read by root alone', async () => {
    expect(await guest.ok('getent shadow tester')).toMatch(/^tester:\$y\$/);
    expect(await guest.ok('stat -c "%a %U %G" /etc/shadow')).toBe('640 root shadow');
  });

  it('has to be changed at the next login where it is to expire', async () => {
    expect(await reset('tester', 'first-one', { expire: true })).toMatchObject({ status: 200 });
    const { status, stdout } = await su('tester', 'first-one');
    expect(status).not.toBe(0);
    expect(stdout).toMatch(/change your password immediately/i);
  });

  it('stays as it is where the name is that of nobody, or a second record is hidden in it', async () => {
    expect(await reset('root', AWKWARD)).toMatchObject({ status: 200 });
    const before = await guest.ok('sha256sum /etc/shadow /etc/passwd');
    expect(await reset('nobody-here', 'secret')).toMatchObject({
      status: 404,
      body: { code: 'QXGA-5003' },
    });
    expect(await reset('tester', 'secret\nroot:secret')).toMatchObject({
      status: 400,
      body: { code: 'QXGA-5003' },
    });
    expect(await guest.ok('sha256sum /etc/shadow /etc/passwd')).toBe(before);
    await expectLogin('root', AWKWARD);
  });

  it('is not told to any log', async () => {
    const log = await guest.ok(
      'journalctl --no-pager -o cat | cat - /var/log/limiquantix/* || true',
    );
    expect(log).toContain('"message":"password reset"');
    expect(log).not.toContain('first-one');
    expect(log).not.toContain('`id`');
  });
});
