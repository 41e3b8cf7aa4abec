import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Execute } from '@limiquantix/plugin-sdk';
import { testHost } from '@limiquantix/plugin-sdk/testing';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import plugin from '../src/index.ts';
import { openDescriptors, zombies } from './running.ts';

/** What it gives when it has given the same for a while. */
async function settled<T>(look: () => T): Promise<T> {
  let seen = look();
  for (let same = 0; same < 10; same++) {
    await sleep(50);
    const next = look();
    if (!isDeepStrictEqual(next, seen)) same = 0;
    seen = next;
  }
  return seen;
}

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
  const before = await settled(held);
  await run(60);
  // Handles are closed when the loop next comes round to it.
  await expect.poll(held).toEqual(before);
});
