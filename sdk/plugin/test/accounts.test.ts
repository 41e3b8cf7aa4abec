import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { AccountFiles } from '../src/guest/accounts.ts';

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

describe('names', () => {
  test('are those that passwd and group give now', () => {
    const at = (name: string) => join(directory, name);
    const accounts = new AccountFiles({ passwd: at('users'), group: at('groups') });
    const names = (id: bigint | number) => {
      const now = accounts.names();
      return [now.user(id), now.group(id)];
    };
    expect(names(1000n)).toEqual(['1000', '1000']);

    writeFileSync(at('users'), 'ann:x:1000:50:Ann:/home/ann:/bin/sh\ntwin:x:1000:50::/:\n\nbad\n');
    writeFileSync(at('groups'), 'staff:x:1000:ann,bob\n# comment\n');
    expect(names(1000n)).toEqual(['ann', 'staff']);
    expect(names(1000)).toEqual(['ann', 'staff']);
    expect(names(50n)).toEqual(['50', '50']);

    writeFileSync(at('users-'), 'eve:x:1000:50:Eve:/home/eve:/bin/sh\n');
    renameSync(at('users-'), at('users'));
    rmSync(at('groups'));
    expect(names(1000n)).toEqual(['eve', '1000']);
  });
});
