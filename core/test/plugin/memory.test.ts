import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { PluginBench } from '../plugins.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** About 20 KB of code, and more data, that differ with each version. */
const source = (version: number) => ({
  version: `1.0.${version}`,
  manifest: { handles: ['execute'], activation: 'onStart' as const },
  code: `
    const table = [${Array.from({ length: 1500 }, (_, i) => `"v${version}-${i}"`).join()}];
    return { handlers: [on('execute', () => table[0])], tap: (hooks) => hooks.settled.tap('x', () => table) };`,
});

async function liveHeap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

it('200 reloads leave nothing of the old versions in memory', async () => {
  const bench = new PluginBench();
  const registry = await bench.write('x', source(0)).registry();
  await registry.start();
  const old: WeakRef<object>[] = [];
  const reload = async (version: number) => {
    bench.write('x', source(version));
    const { active } = registry.pipeline.generations[0] ?? {};
    if (active) old.push(new WeakRef(active.contribution));
    await registry.reload('x');
  };
  for (let version = 1; version <= 50; version++) await reload(version);
  bench.log.entries.length = 0;
  const before = await liveHeap();
  for (let version = 51; version <= 200; version++) await reload(version);
  bench.log.entries.length = 0;
  bench.changes.length = 0;
  const grown = (await liveHeap()) - before;
  expect(old).toHaveLength(200);
  expect(old.filter((reference) => reference.deref()).length).toBeLessThan(3);
  // One version that stayed would be 80 KB or more: 150 of them 12 MB.
  expect(grown).toBeLessThan(2_000_000);
});
