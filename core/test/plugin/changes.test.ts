import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { PluginBench, type PluginSource } from '../plugins.ts';

/** Records its life, each generation under a number of its own. */
const source = (activation: 'onStart' | 'onConnect'): PluginSource => ({
  manifest: { activation },
  code: `
    const { randomUUID } = require('node:crypto');
    const id = randomUUID();
    const note = (what) => record(id + ' ' + what);
    return {
      tap(hooks) {
        hooks.started.tapPromise('x', async () => note('started'));
        hooks.stopping.tapPromise('x', async () => note('stopping'));
      },
      dispose: () => note('disposed'),
    };`,
});

const change = fc.constantFrom('enable' as const, 'disable' as const, 'reload' as const);
const plugin = fc.constantFrom('early', 'late');
const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(change, plugin) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('hostConnected' as const)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('wait' as const)) },
);

it('starts, stops and disposes of each generation once, whatever changes come at the same time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 20 }), async (steps) => {
      const bench = new PluginBench();
      bench.write('early', source('onStart')).write('late', source('onConnect'));
      const registry = await bench.registry();
      const under: Promise<unknown>[] = [registry.start()];
      for (const [what, name = ''] of steps) {
        if (what === 'wait') await turn();
        else if (what === 'hostConnected') under.push(registry.hostConnected());
        else under.push(registry[what](name).catch(() => undefined));
      }
      await Promise.all(under);
      await registry.stop();
      const lives = () => {
        const byId = Map.groupBy(bench.records, (record) => record.split(' ')[0]);
        return [...byId.values()].map((life) => life.map((record) => record.split(' ')[1]).join());
      };
      // One that another replaced before its start was never started.
      const whole = expect.stringMatching(/^(started,stopping,)?disposed$/);
      await vi.waitFor(() => expect(lives()).toEqual(lives().map(() => whole)), { interval: 1 });
    }),
    { numRuns: 60 },
  );
}, 60_000);
