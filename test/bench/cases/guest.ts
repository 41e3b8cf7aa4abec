import { readGuestFigures } from '../../support/guest-figures.ts';
import type { Case } from '../case.ts';

export const guest: Case = {
  name: 'guest',
  about: 'what only a virtual machine can tell, as `npm run test:vm` measured it last',
  rounds: { quick: 1, full: 1 },
  warmUp: 0,
  rows: [
    {
      title: 'reference: size on disk, the whole package',
      metric: 'installedMib',
      unit: 'MiB',
      better: 'lower',
      gate: 5,
    },
    {
      title: 'reference: memory when idle (Pss)',
      metric: 'pssMib',
      unit: 'MiB',
      better: 'lower',
      gate: 20,
    },
    {
      title: 'memory when idle, of it private (Pss_Anon)',
      metric: 'pssAnonMib',
      unit: 'MiB',
      better: 'lower',
    },
    {
      title: 'reference: CPU when idle, emulated',
      metric: 'cpuPercent',
      unit: '%',
      better: 'lower',
      gate: 0.5,
    },
    {
      title: 'reference: telemetry latency, from a connection to its first report, emulated',
      metric: 'telemetryMs',
      unit: 'ms',
      better: 'lower',
      gate: 100,
    },
    {
      title: 'reference: command overhead, p50, emulated',
      metric: 'commandMs',
      unit: 'ms',
      better: 'lower',
      gate: 50,
    },
    {
      title: 'reference: file transfer from the guest through the virtio port, emulated',
      metric: 'downloadMbPerSecond',
      unit: 'MB/s',
      better: 'higher',
      gate: 50,
    },
    {
      title: 'reference: file transfer into the guest through the virtio port, emulated',
      metric: 'uploadMbPerSecond',
      unit: 'MB/s',
      better: 'higher',
      gate: 50,
    },
    {
      title: 'reference: installation of the .deb, emulated',
      metric: 'installSeconds',
      unit: 's',
      better: 'lower',
      gate: 30,
    },
    {
      title: 'from power on to AgentReady, emulated',
      metric: 'bootToReadySeconds',
      unit: 's',
      better: 'lower',
    },
  ],
  async open({ absent }) {
    const figures = readGuestFigures();
    if (figures) return [{ name: 'agent', measure: async () => ({ ...figures }) }];
    absent('agent', 'measured by `npm run test:vm`');
    return [];
  },
};
