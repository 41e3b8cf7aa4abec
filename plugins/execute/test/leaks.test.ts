import { setTimeout as sleep } from 'node:timers/promises';
import { Execute } from '@limiquantix/plugin-sdk';
import { testHost } from '@limiquantix/plugin-sdk/testing';
import { expect, test, vi } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import plugin from '../src/index.ts';
import { openDescriptors, zombies } from './running.ts';

test('300 commands leave no descriptor, no handle and no process', async () => {
  const run = async (rounds: number) => {
    const host = await testHost(plugin, { package: manifest });
    for (let round = 0; round < rounds; round++) {
      await Promise.all([
        host.call(Execute, { command: '/bin/true', args: ['x'] }),
        host.call(Execute, { command: 'cat', stdin: Buffer.from('x') }),
        host.call(Execute, { command: '/no/such', args: ['x'] }).catch(() => {}),
        host.call(Execute, { command: `: ${'x'.repeat(140_000)}` }).catch(() => {}),
        host.call(Execute, { command: 'exec 1>&- 2>&-; echo x' }),
      ]);
    }
    await host.stop();
  };
  const held = () => ({
    descriptors: openDescriptors(),
    handles: process
      .getActiveResourcesInfo()
      .filter((name) => name.endsWith('Wrap'))
      .sort(),
    zombies: zombies(),
  });

  // What the runtime opens for its first process, it keeps.
  await run(1);
  await sleep(200);
  const before = held();
  await run(60);
  // Handles are closed when the loop next comes round to it.
  await vi.waitFor(() => expect(held()).toEqual(before), { timeout: 3000 });
});
