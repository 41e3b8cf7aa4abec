import { AccountFiles, type AccountSource } from '@limiquantix/plugin-sdk/guest';
import { describe, expect, test } from 'vitest';
import { Identities } from '../src/linux/identity.ts';
import { nameService } from '../src/linux/name-service.ts';

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

  const files = new AccountFiles();
  const lost = () => Promise.reject(new Error('it did not answer'));
  const silent: AccountSource = { user: lost, group: lost, groupsOf: lost };

  test('that does not answer makes a user unknown, and says so', async () => {
    const identities = new Identities(files, silent);
    const user = identities.resolve({ runAsUser: 'no-such-user', runAsGroup: '' });
    await expect(user).rejects.toMatchObject({
      name: 'USER_NOT_FOUND',
      context: 'it did not answer',
    });
    const group = identities.resolve({ runAsUser: '', runAsGroup: 'no-such-group' });
    await expect(group).rejects.toMatchObject({ name: 'GROUP_NOT_FOUND' });
  });

  test('is not asked for what the files have', async () => {
    const root = await new Identities(files, silent).resolve({
      runAsUser: 'root',
      runAsGroup: '',
    });
    expect(root.account.name).toBe('root');
  });
});
