import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/agent-process.ts';
import type { Case, Metrics } from '../case.ts';

/** `{"transferMbPerSecond": 80, "installSeconds": 20}`: the virtual machine tests write it. */
const MEASURED = join(ROOT, 'test/bench/results/guest.json');

export const guest: Case = {
  name: 'guest',
  about: 'what only a virtual machine can tell, as `npm run test:vm` measured it last',
  rounds: { quick: 1, full: 1 },
  warmUp: 0,
  rows: [
    {
      title: 'reference: file transfer through the virtio port',
      metric: 'transferMbPerSecond',
      unit: 'MB/s',
      better: 'higher',
      gate: 50,
    },
    {
      title: 'reference: installation of the .deb',
      metric: 'installSeconds',
      unit: 's',
      better: 'lower',
      gate: 30,
    },
  ],
  async open({ absent }) {
    if (!existsSync(MEASURED)) {
      absent('agent', 'measured by `npm run test:vm`');
      return [];
    }
    const measured: Metrics = JSON.parse(readFileSync(MEASURED, 'utf8'));
    return [{ name: 'agent', measure: async () => measured }];
  },
};
