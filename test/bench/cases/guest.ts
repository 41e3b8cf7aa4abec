import { readGuestFigures } from '../../support/guest-figures.ts';
import type { Case } from '../case.ts';

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
    const figures = readGuestFigures();
    if (figures) return [{ name: 'agent', measure: async () => ({ ...figures }) }];
    absent('agent', 'measured by `npm run test:vm`');
    return [];
  },
};
