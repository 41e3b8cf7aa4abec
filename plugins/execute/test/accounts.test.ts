import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { AccountFiles, type AccountSource } from '../src/linux/accounts.ts';
import { Identities } from '../src/linux/identity.ts';
import { nameService } from '../src/linux/name-service.ts';

const directory = mkdtempSync(join(tmpdir(), 'accounts-'));
const passwd = join(directory, 'passwd');
const group = join(directory, 'group');
afterAll(() => rmSync(directory, { recursive: true }));

writeFileSync(
  passwd,
  [
    'root:x:0:0:root:/root:/bin/bash',
    'alice:x:1001:1001:Alice,,,:/home/alice:/bin/zsh',
    'bare:x:1002:100:::',
    'minusone:x:4294967295:100::/:/bin/sh',
    'broken:x:',
    '0:x:1003:1003::/:/bin/sh',
    '+alice::::::',
  ].join('\n'),
);
writeFileSync(
  group,
  'root:x:0:\nalice:x:1001:\nadm:x:4:syslog,alice\nalicia:x:5:alicea,malice\nwheel:x:10:alice\n',
);

const files = new AccountFiles({ passwd, group });

describe('users and groups', () => {
  test('are those of the files', async () => {
    const alice = { name: 'alice', uid: 1001, gid: 1001, home: '/home/alice', shell: '/bin/zsh' };
    expect(await files.user('alice')).toEqual(alice);
    expect(files.userById(1001)).toEqual(alice);
    expect(await files.group('adm')).toBe(4);
    expect(await files.groupsOf('alice')).toEqual([4, 10]);
  });

  test('have defaults for what their line leaves empty', async () => {
    expect(await files.user('bare')).toMatchObject({ home: '/', shell: '/bin/sh' });
  });

  test.each(['ali', 'alice:x', 'lice', '', '+alice', 'minusone', 'broken', 'x'])(
    'do not include "%s"',
    async (name) => {
      expect(await files.user(name)).toBeUndefined();
    },
  );

  test('may be named by digits only where an entry is', async () => {
    expect(await files.user('0')).toMatchObject({ uid: 1003 });
    expect(await files.user('1001')).toBeUndefined();
  });

  test('are read anew when the files change', async () => {
    const changing = join(directory, 'changing');
    const accounts = new AccountFiles({ passwd: changing, group });
    expect(await accounts.user('bob')).toBeUndefined();
    writeFileSync(changing, 'bob:x:7:7::/:/bin/sh\n');
    expect(await accounts.user('bob')).toMatchObject({ uid: 7 });
    writeFileSync(changing, 'bob:x:77:7::/:/bin/sh\n');
    expect(await accounts.user('bob')).toMatchObject({ uid: 77 });
  });
});

describe('the name service', () => {
  test('knows the users of the guest', async () => {
    expect(await nameService.user('root')).toMatchObject({ name: 'root', uid: 0 });
    expect(await nameService.group('root')).toBe(0);
    expect(await nameService.groupsOf('root')).toContain(0);
  });

  test.each(['no-such-user', '0', ' 0', '-h', ' +0', ''])('does not know "%s"', async (name) => {
    expect(await nameService.user(name)).toBeUndefined();
    expect(await nameService.group(name)).toBeUndefined();
  });

  const lost = () => Promise.reject(new Error('it did not answer'));
  const silent: AccountSource = { user: lost, group: lost, groupsOf: lost };

  test('that does not answer makes a user unknown, and says so', async () => {
    const identities = new Identities(files, silent);
    const bob = identities.resolve({ runAsUser: 'bob', runAsGroup: '' });
    await expect(bob).rejects.toMatchObject({
      name: 'USER_NOT_FOUND',
      context: 'it did not answer',
    });
    const staff = identities.resolve({ runAsUser: '', runAsGroup: 'staff' });
    await expect(staff).rejects.toMatchObject({ name: 'GROUP_NOT_FOUND' });
  });

  test('is not asked for what the files have', async () => {
    const alice = await new Identities(files, silent).resolve({
      runAsUser: 'root',
      runAsGroup: '',
    });
    expect(alice.account.name).toBe('root');
  });
});
