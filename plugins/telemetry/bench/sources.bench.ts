import { Bench } from 'tinybench';
import { openSources } from '../src/linux/index.ts';

const sources = openSources();

export const bench: Bench = new Bench({ name: 'telemetry sources' })
  .add('cpu', () => {
    sources.cpu();
  })
  .add('memory', () => {
    sources.memory();
  })
  .add('interfaces', () => {
    sources.interfaces([]);
  })
  .add('process count', () => {
    sources.processCount();
  })
  .add('disks', async () => {
    await sources.disks();
  });
