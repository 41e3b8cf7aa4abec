import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Accounts } from '../src/linux/accounts.ts';
import { scratch } from './plugin.ts';

const at = scratch();

it('knows the names that passwd and group give now', async () => {
  const accounts = new Accounts(at('passwd'), at('group'));
  const names = async (id: bigint) => {
    const now = await accounts.names();
    return [now.user(id), now.group(id)];
  };
  expect(await names(1000n)).toEqual(['1000', '1000']);

  writeFileSync(at('passwd'), 'ann:x:1000:50:Ann:/home/ann:/bin/sh\ntwin:x:1000:50::/:\n\nbad\n');
  writeFileSync(at('group'), 'staff:x:1000:ann,bob\n# comment\n');
  expect(await names(1000n)).toEqual(['ann', 'staff']);
  expect(await names(50n)).toEqual(['50', '50']);

  writeFileSync(at('passwd-'), 'eve:x:1000:50:Eve:/home/eve:/bin/sh\n');
  renameSync(at('passwd-'), at('passwd'));
  rmSync(at('group'));
  expect(await names(1000n)).toEqual(['eve', '1000']);
});
