// The machine's own chpasswd and chage, on accounts in a folder of the test.
import { accessSync } from 'node:fs';
import { join } from 'node:path';
import { ResetPassword } from '@limiquantix/plugin-sdk';
import { type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { lifecycle } from '../src/lifecycle.ts';
import { AccountsTree } from './accounts-tree.ts';
import { fakeGuest } from './fake-guest.ts';

const CHPASSWD = '/usr/sbin/chpasswd';
const CHAGE = '/usr/bin/chage';
const usable = process.getuid?.() === 0 && [CHPASSWD, CHAGE, '/usr/bin/perl'].every(exists);

describe.skipIf(!usable)('with chpasswd, chage and perl, as root', () => {
  let tree: AccountsTree;
  let host: TestHost;

  beforeEach(async () => {
    const guest = fakeGuest({ scripts: {}, users: ['alice', 'root', 'ghost'] });
    tree = new AccountsTree(join(guest.tools.dir, 'tree'), ['alice', 'root']);
    // PAM knows the machine's accounts only.
    guest.tools.add('chpasswd', tree.script(CHPASSWD, ['--crypt-method', 'SHA512']));
    guest.tools.add('chage', tree.script(CHAGE));
    host = await testHost(lifecycle(guest), { package: manifest });
  });

  it.each(['correct horse', 'a:b:c', 'x', '-x', ' blank ', 'pässwörd', '$6$x$y', 'x'.repeat(511)])(
    'the user can log in with %j, and nobody else',
    async (newPassword) => {
      await host.call(ResetPassword, { username: 'alice', newPassword });
      expect(tree.accepts('alice', newPassword)).toBe(true);
      expect(tree.accepts('alice', `${newPassword}x`)).toBe(false);
      expect(tree.hashOf('root')).toBe('!');
      expect(tree.lastChangeOf('alice')).toBeGreaterThan(20_000);
    },
  );

  it('what is longer than crypt(3) takes changes nobody', async () => {
    const newPassword = 'x'.repeat(512);
    const refused = host.call(ResetPassword, { username: 'alice', newPassword });
    await expect(refused).rejects.toMatchObject({ code: 5003, context: expect.any(String) });
    expect(tree.hashOf('alice')).toBe('!');
  });

  it('a newline changes nobody', async () => {
    const newPassword = 'x\nroot:owned';
    const refused = host.call(ResetPassword, { username: 'alice', newPassword });
    await expect(refused).rejects.toMatchObject({ code: 5003 });
    expect([tree.hashOf('alice'), tree.hashOf('root')]).toEqual(['!', '!']);
  });

  it('the password can be made to expire', async () => {
    await host.call(ResetPassword, { username: 'alice', newPassword: 'once', expire: true });
    expect(tree.accepts('alice', 'once')).toBe(true);
    expect(tree.lastChangeOf('alice')).toBe(0);
    expect(tree.lastChangeOf('root')).toBe(20_000);
  });

  it('what chpasswd says is told', async () => {
    const refused = host.call(ResetPassword, { username: 'ghost', newPassword: 'secret' });
    await expect(refused).rejects.toMatchObject({
      code: 5003,
      context: expect.stringContaining("user 'ghost' does not exist"),
    });
  });
});

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
